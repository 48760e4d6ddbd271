import { type Token, tokTypes } from 'acorn';
import { AGENT_OPTIONS } from './agent-options.ts';
import { codeOf, refuseAt } from './hidden-text.ts';

/**
 * Letters of other alphabets beside the Latin ones they are taken for: those of the confusables of Unicode (UTS 39) that
 * can hardly be told apart. Written as escapes, for here above all they must not be mistaken.
 */
const FOREIGN: [latin: string, foreign: string][] = [
  // Cyrillic, capital and small.
  [
    'ABESIJKMHOPCTXYGQW',
    '\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u04ae\u050c\u051a\u051c',
  ],
  [
    'aeopysxcijhdqwlvyrnkb',
    '\u0430\u0435\u043e\u0440\u0443\u0455\u0445\u0441\u0456\u0458\u04bb\u0501\u051b\u051d\u04cf\u0475\u04af\u0433\u043f\u043a\u044c',
  ],
  // Greek, capital and small.
  ['ABEZHIKMNOPTYXC', '\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03f9'],
  ['jayivopuc', '\u03f3\u03b1\u03b3\u03b9\u03bd\u03bf\u03c1\u03c5\u03f2'],
  // Armenian.
  ['OSULonuhjgq', '\u0555\u054f\u054d\u053c\u0585\u0578\u057d\u0570\u0575\u0581\u0566'],
  // Cherokee.
  [
    'DRTiYAJEWMHGZbRWSVSLCPKB',
    '\u13a0\u13a1\u13a2\u13a5\u13a9\u13aa\u13ab\u13ac\u13b3\u13b7\u13bb\u13c0\u13c3\u13cf\u13d2\u13d4\u13d5\u13d9\u13da\u13de\u13df\u13e2\u13e6\u13f4',
  ],
  ['wzvsc', '\uab83\uab93\uaba9\uabaa\uabaf'],
  // Lisu.
  [
    'BPDTGKJCZFMNLSRVHWXYAEIOU',
    '\ua4d0\ua4d1\ua4d3\ua4d4\ua4d6\ua4d7\ua4d9\ua4da\ua4dc\ua4dd\ua4df\ua4e0\ua4e1\ua4e2\ua4e3\ua4e6\ua4e7\ua4ea\ua4eb\ua4ec\ua4ee\ua4f0\ua4f2\ua4f3\ua4f4',
  ],
  // Coptic.
  [
    'ABEHIKMNOPCTYXopc',
    '\u2c80\u2c82\u2c88\u2c8e\u2c92\u2c94\u2c98\u2c9a\u2c9e\u2ca2\u2ca4\u2ca6\u2ca8\u2cac\u2c9f\u2ca3\u2ca5',
  ],
];
/** What is a letter among its own, but can be taken for another one: Latin letters, then kana beside Chinese characters. */
const OWN: [plain: string, other: string][] = [
  ['iiagILcovwzs', '\u0131\u0269\u0251\u0261\u026a\u029f\u1d04\u1d0f\u1d20\u1d21\u1d22\ua731'],
  [
    '\u4e00\u53e3\u529b\u4e8c\u5de5\u5915\u516b\u535c\u3078\u308a',
    '\u30fc\u30ed\u30ab\u30cb\u30a8\u30bf\u30cf\u30c8\u30d8\u30ea',
  ],
];
/** Letters of some languages that look like `|`, `!`, `.`, `,`, `;` or `:`. */
const LIKE_PUNCTUATION = /[\u01c0-\u01c3\u02d0\ua4f8-\ua4fd]/u;
/** Latin letters that are drawn otherwise, but are no less other letters: full-width ones and those of formulas. */
const DRESSED = /[\uff21-\uff3a\uff41-\uff5a\u{1d400}-\u{1d7ff}]/u;

const foreign = pairs(FOREIGN);
const plain = new Map([...foreign, ...pairs(OWN)]);

/** Names that a script need not mention for another name to be taken for them. */
const WELL_KNOWN = [
  ...['agent', 'parallel', 'pipeline', 'phase', 'log', 'workflow', 'args', 'budget', 'challenge', 'converge', 'judge'],
  ...[
    'checkpoint',
    'tool',
    'console',
    'meta',
    'async',
    'await',
    'let',
    'static',
    'of',
    'get',
    'set',
    'eval',
    'arguments',
  ],
  ...AGENT_OPTIONS,
  ...Object.values(tokTypes).flatMap(({ keyword }) => keyword ?? []),
  ...[globalThis, Object, Promise, Array, Math, JSON].flatMap(Object.getOwnPropertyNames),
  ...[Object, Promise, Array, String, Map, Set].flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype)),
];

interface Name {
  text: string;
  start: number;
  /** As it stands in the file. */
  raw: string;
}

/**
 * Refuses names that can be taken for others: plain letters written as escapes, look-alikes of other alphabets among Latin
 * letters, and whole names that look like another one of the script or of the dialect. A name in an alphabet of its own
 * that looks like nothing else is as good as any.
 * @throws ScriptRefusedError
 */
export function checkNames(file: string, tokens: Token[]): void {
  const suspects = new Map<string, Name>();
  const plainNames = new Set<string>();
  for (const name of namesIn(file, tokens)) {
    if (!isAscii(name.text)) {
      if (!suspects.has(name.text)) suspects.set(name.text, name);
    } else if (name.raw !== name.text) {
      refuseAt(
        file,
        name.start,
        `This spells ${JSON.stringify(name.text)} with escapes. Write the name in plain letters.`,
      );
    } else plainNames.add(name.text);
  }
  if (suspects.size === 0) return;
  for (const word of [...WELL_KNOWN, ...wordsInStrings(file, tokens)]) plainNames.add(word);
  checkSuspects(file, suspects, plainNames);
}

function checkSuspects(file: string, suspects: Map<string, Name>, plainNames: Set<string>): void {
  const looks = new Map<string, Name>();
  for (const name of suspects.values()) {
    const problem = mixture(name.text);
    if (problem) refuseAt(file, name.start, problem);
    const look = skeleton(name.text);
    const twin = plainNames.has(look) ? `"${look}"` : looks.has(look) ? 'another name of this script' : null;
    if (twin !== null) {
      const other = [...name.text].find((character) => !isAscii(character)) ?? '';
      refuseAt(
        file,
        name.start,
        `This name looks like ${twin} and is not the same: ${codeOf(other)} is in it. Give it a name that cannot be taken for another.`,
      );
    }
    looks.set(look, name);
  }
}

/** What is wrong with a name by itself. */
function mixture(text: string): string | null {
  const punctuation = LIKE_PUNCTUATION.exec(text)?.[0];
  if (punctuation !== undefined)
    return `${codeOf(punctuation)} is a letter that looks like punctuation. Take it out of this name.`;
  if (!/[A-Za-z]/.test(text)) return null;
  const stranger = [...text].find((character) => foreign.has(character) || DRESSED.test(character));
  if (stranger === undefined) return null;
  const like = foreign.get(stranger) ?? stranger.normalize('NFKC');
  return `This name mixes alphabets: ${codeOf(stranger)} looks like "${like}" and is another letter. Write the name in one alphabet.`;
}

/** The same for all names that look the same; of ASCII alone the name itself, for those letters people can tell apart. */
function skeleton(text: string): string {
  const plainly = (given: string) => Array.from(given, (character) => plain.get(character) ?? character).join('');
  return plainly(plainly(text).normalize('NFKC'));
}

function* namesIn(file: string, tokens: Token[]): Generator<Name> {
  for (const { type, start, end } of tokens) {
    if (type.label !== 'name' && type.label !== 'privateId' && !type.keyword) continue;
    const from = type.label === 'privateId' ? start + 1 : start;
    const raw = file.slice(from, end);
    yield { text: unescaped(raw), start: from, raw };
  }
}

function unescaped(raw: string): string {
  return raw.replace(/\\u(?:\{([0-9a-f]+)\}|([0-9a-f]{4}))/gi, (_, inBraces, four) =>
    String.fromCodePoint(Number.parseInt(inBraces ?? four, 16)),
  );
}

/** Names of properties often stand in strings alone: in a schema, and in what an agent answers. */
function wordsInStrings(file: string, tokens: Token[]): string[] {
  const texts = tokens.filter(({ type }) => type.label === 'string');
  return texts.map(({ start, end }) => file.slice(start + 1, end - 1)).filter((text) => /^[\w$]+$/.test(text));
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function pairs(table: [plain: string, other: string][]): Map<string, string> {
  return new Map(table.flatMap(([to, from]) => Array.from(from, (character, index) => [character, to[index] ?? ''])));
}
