import { expect, test } from 'vitest';
import { findSymbol } from '../../../extension/tools/language/symbol-place.ts';

const LINES = [
  'import { load, loader } from "./a";',
  'const loaded = loader;',
  'const x = load(load);',
  '',
  '𝒙𝒚 = this.store.load;',
  'größe = 1;',
];

test.each([
  [1, 'load', 9],
  [1, 'loader', 15],
  [3, 'load', 10],
  [5, 'store.load', 18],
  [5, '𝒙𝒚', 0],
  [5, 'this', 7],
  [6, 'größe', 0],
  [2, '=', 13],
])('line %i, %s: at %i', (line, symbol, character) => {
  expect(findSymbol(LINES, line, symbol)).toEqual({ character });
});

test.each([
  [2, 'load', '"load" is not in line 2. The nearest line that has it is 1.'],
  [4, 'load', '"load" is not in line 4. The nearest line that has it is 3.'],
  [9, 'x', 'There are only 6 lines. The nearest line that has it is 3.'],
  [5, '𝒙', '"𝒙" is not in line 5. No line has it.'],
  [5, 'tore', '"tore" is not in line 5. No line has it.'],
  [6, 'gr', '"gr" is not in line 6. No line has it.'],
  [1, '', '"" is not in line 1. No line has it.'],
])('a name that is not in line %i: %s', (line, symbol, problem) => {
  expect(findSymbol(LINES, line, symbol)).toEqual({ problem });
});
