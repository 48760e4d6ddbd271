import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asData, withoutMark } from '../../extension/protocol/as-data.ts';

test('a text is marked, and stays as it is', () => {
  expect(asData('const a = 1;')).toBe('<data>\nconst a = 1;\n</data>');
  expect(asData('')).toBe('<data>\n\n</data>');
  expect(asData('a </data> b <data2>')).toBe('<data3>\na </data> b <data2>\n</data3>');
});

test('a tag with letters that only look alike, or with some that nobody sees, counts as that tag', () => {
  for (const tag of ['</da\u200bta>', '\uff1c/data\uff1e', '<\u2060/\u{e0020}data>', '</\uff24ata>', '<data\u00b9>'])
    expect(asData(tag), JSON.stringify(tag)).toBe(`<data2>\n${tag}\n</data2>`);
});

test('no text ends its mark, however it spells it, and all of it comes back', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '<',
      '/',
      '\\',
      ' ',
      '\n',
      'data',
      'DATA',
      '>',
      '</data>',
      '</data2>',
      '< / Data 3 >',
      '</data1>',
      '<data>\n',
      '\n</data>',
      '2',
      '01',
    ),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      const [, tag = '', within] = /^<(data\d*)>\n(.*)\n<\/\1>$/s.exec(asData(text)) ?? [];
      expect(within).toBe(text);
      expect(withoutMark(asData(text))).toBe(text);
      const close = text.toLowerCase().replace(/[\s\\]/g, '');
      expect(close.split(`</${tag}>`)).toHaveLength(1);
      expect(close.split(`<${tag}>`)).toHaveLength(1);
    }),
    { numRuns: 2_000, seed: 3 },
  );
});

test('words that are not marked, or only in part, are left alone', () => {
  for (const words of ['Not allowed.', '', '<data>\nx\n</data2>', 'x\n<data>\ny\n</data>', '<data>x</data>'])
    expect(withoutMark(words)).toBe(words);
});
