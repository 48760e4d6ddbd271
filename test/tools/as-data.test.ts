import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asData } from '../../extension/tools/as-data.ts';

test('a text is marked, and stays as it is', () => {
  expect(asData('const a = 1;')).toBe('<data>\nconst a = 1;\n</data>');
  expect(asData('')).toBe('<data>\n\n</data>');
  expect(asData('a </data> b <data2>')).toBe('<data3>\na </data> b <data2>\n</data3>');
});

test('no text ends its mark, however it spells it', () => {
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
      const close = text.toLowerCase().replace(/[\s\\]/g, '');
      expect(close.split(`</${tag}>`)).toHaveLength(1);
      expect(close.split(`<${tag}>`)).toHaveLength(1);
    }),
    { numRuns: 2_000, seed: 3 },
  );
});
