import { describe, expect, it } from 'vitest';
import { readScript } from '../../extension/dialect/read-script.ts';
import { ScriptRefusedError } from '../../extension/protocol/errors.ts';

const META = `export const meta = { name: 'n', description: 'd' };\n`;

/** Why a body is refused, with its place in the file (the body begins on line 2); null where it is not. */
function refusal(body: string): string | null {
  try {
    readScript(META + body);
    return null;
  } catch (error) {
    if (!(error instanceof ScriptRefusedError)) throw error;
    return `${error.line}:${error.column} ${error.message}`;
  }
}

/** Hostile characters are written as escapes here, so that this file shows what it is. */
function real(body: string): string {
  return body.replace(/<([0-9A-F]{2,5})>/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)));
}

describe('what must not stand anywhere in a script', () => {
  it.each([
    ['/*<202E> } <2066>if (isAdmin)<2069> <2066> begin */', '2:3 U+202E changes the direction of text'],
    ["log('user<202E> <2066>// check<2069> <2066>')", '2:10 U+202E changes the direction of text'],
    ["log('ok');\nlog('<200F>')", '3:6 U+200F changes the direction of text'],
    ['log(`a\n  <061C>b`)', '3:3 U+061C changes the direction of text'],
    ['// <200E>', '2:4 U+200E changes the direction of text'],
    ['// all is well <1B>[2K', '2:16 U+001B is a control character'],
    ["log('a<08><08>b')", '2:7 U+0008 is a control character'],
    ['log("<00>")', '2:6 U+0000 is a control character'],
    ['/<7F>/', '2:2 U+007F is a control character'],
    ['// <9B>2K', '2:4 U+009B is a control character'],
    ['a<0B>= 1', '2:2 U+000B is a control character'],
    ['a<0C>= 1', '2:2 U+000C is a control character'],
    ['// a comment<0D>escaped()', '2:13 A carriage return ends a line here'],
    ['log(`a<0D>`)', '2:7 A carriage return ends a line here'],
  ])('%j is refused, with the place', (body, expected) => {
    expect(refusal(real(body))).toContain(expected);
  });

  it('is told before a syntax error, and how it may be written', () => {
    expect(refusal(real('const = 1; // <202E>'))).toContain('or write it in a string as \\u202e.');
    expect(refusal(String.raw`log('\u202e\u001b[1m\u200f')`)).toBeNull();
  });

  it.each([
    // "ignore" in tag characters, alone and behind an emoji that is no flag.
    ["agent('Sum this up.<E0069><E0067><E006E>')", '2:20 Text in invisible characters begins here (U+E0069)'],
    ['// <1F600><E0069><E0067><E006E><E007F>', '2:6 Text in invisible characters begins here (U+E0069)'],
    ["agent('<1F3F4><E0069>')", '2:10 Text in invisible characters begins here (U+E0069)'],
    // Bytes as variation selectors, and as zero-width characters.
    [
      "agent('Hi<FE01><E0101><FE02><FE03><E0104><FE05><FE06><FE07>')",
      '2:10 Text in invisible characters begins here (U+FE01)',
    ],
    [
      "agent('Hi<200B><200C><200B><200B><200C><200B><200C><200B>')",
      '2:10 Text in invisible characters begins here (U+200B)',
    ],
  ])('nor may a text that only a model reads: %j', (body, expected) => {
    expect(refusal(real(body))).toContain(expected);
  });
});

describe('what must not stand in the code itself', () => {
  it.each([
    ['const ad<200D>min = 1', '2:9 U+200D is invisible'],
    ['const ad<200C>min = 1', '2:9 U+200C is invisible'],
    ['log(1);<200B>', '2:8 U+200B is invisible'],
    ['log(1)<2060>', '2:7 U+2060 is invisible'],
    ['log(1);\n<FEFF>log(2)', '3:1 U+FEFF is invisible'],
    ['const a = {}; a.<3164> = 1', '2:17 U+3164 is invisible'],
    ['const <FFA0> = 1', '2:7 U+FFA0 is invisible'],
    ['const { a,<115F> } = {}', '2:11 U+115F is invisible'],
    ['const <1160>a = 1', '2:7 U+1160 is invisible'],
    ['const a<FE0F> = 1', '2:8 U+FE0F is invisible'],
    ['const a<E0101> = 1', '2:8 U+E0101 is invisible'],
    ['const ad<AD>min = 1', '2:9 U+00AD is invisible'],
    ['class A { #a<200D>b = 1 }', '2:13 U+200D is invisible'],
    ['// a comment<2028>log(1)', '2:13 U+2028 ends a line here'],
    ['log(1)<2029>log(2)', '2:7 U+2029 ends a line here'],
    ['/* a <2028> comment */', '2:6 U+2028 ends a line here'],
    // A place that the parser itself would only call an unexpected token.
    ['con<200D>st x = 1', '2:4 U+200D is invisible'],
    ['log(1) // fine <2028> no statement at all', '2:16 U+2028 ends a line here'],
  ])('%j is refused, with the place', (body, expected) => {
    expect(refusal(real(body))).toContain(expected);
  });

  it('an emoji later in a script that does not parse is not the reason', () => {
    expect(refusal(real("const = 1; log('<2764><FE0F>')"))).toContain('2:7 The script does not parse');
  });
});

describe('names that can be taken for others', () => {
  it.each([
    ['\\u0061gent("x")', '2:1 This spells "agent" with escapes'],
    ['const own\\u{4e}ame = 1', '2:7 This spells "ownName" with escapes'],
    ['log({}.constr\\u0075ctor)', '2:8 This spells "constructor" with escapes'],
    ['class A { #\\u0061 = 1 }', '2:12 This spells "a" with escapes'],
    // Latin letters and one that looks like one.
    ['<0430>gent("x")', '2:1 This name mixes alphabets: U+0430 looks like "a"'],
    ['\\u0430gent("x")', '2:1 This name mixes alphabets: U+0430 looks like "a"'],
    ['if (answer.appr<03BF>ved) log(1)', '2:12 This name mixes alphabets: U+03BF looks like "o"'],
    ['const { n<0585> } = {}', '2:9 This name mixes alphabets: U+0585 looks like "o"'],
    ['const AB<13DF> = 1', '2:7 This name mixes alphabets: U+13DF looks like "C"'],
    ['const AB<A4D0> = 1', '2:7 This name mixes alphabets: U+A4D0 looks like "B"'],
    ['const a<FF42>c = 1', '2:7 This name mixes alphabets: U+FF42 looks like "b"'],
    ['const a<1D41B>c = 1', '2:7 This name mixes alphabets: U+1D41B looks like "b"'],
    // A whole name that looks like another of the script, the dialect, the language or an answer.
    [
      'const scope = 1;\nconst <0455><0441><043E><0440><0435> = 2;',
      '3:7 This name looks like "scope" and is not the same: U+0455',
    ],
    ['<FF4C><FF4F><FF47>(1)', '2:1 This name looks like "log"'],
    ['<1D425><1D428><1D420>(1)', '2:1 This name looks like "log"'],
    ['const <0456><0192> = 1, i<0192> = 2', '2:15 This name looks like another name of this script'],
    ["agent('x', { <FF4C><FF41><FF42><FF45><FF4C>: 'y' })", '2:14 This name looks like "label"'],
    ['const <0410> = 1; const A = 2', '2:7 This name looks like "A"'],
    ['<FB01>nd(1)', '2:1 This name looks like "find"'],
    ["const s = { required: ['space'] }; log(s.<0455><0440><0430><0441><0435>)", '2:42 This name looks like "space"'],
    ['const caf<E9> = 1, cafe<301> = 2', '2:17 This name looks like another name of this script'],
    ['const kay<131>t = 1; const kayit = 2', '2:7 This name looks like "kayit"'],
    ['const <30AB> = 1; const <529B> = 2', '2:20 This name looks like another name of this script'],
    // A name that looks as if it ended in an operator.
    ['const env<01C3> = 1', '2:7 U+01C3 is a letter that looks like punctuation'],
    ['const a<A4FD>b = 1', '2:7 U+A4FD is a letter that looks like punctuation'],
  ])('%j is refused, with the place', (body, expected) => {
    expect(refusal(real(body))).toContain(expected);
  });
});

describe('honest scripts', () => {
  it.each([
    ['Hebrew and Arabic in strings and comments', "log('שלום עולם'); // مرحبا بالعالم\nawait agent(`اكتب تقريرا`)"],
    ['Persian with its joiners', "log('می‌خواهم')"],
    ['emoji of several characters', "log('👩‍👩‍👧 ❤️‍🔥 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏳️‍🌈'); // ✅ ⚠️ 👍🏽"],
    ['emoji in templates and expressions', 'const icon = `✔️ $' + '{1} ❤️`; const r = /[👩‍👧]|⚠️/u'],
    [
      'Chinese, Japanese and Korean names',
      'const データ = 1, 名前_ID = 2, 顧客リスト = [データ], 이름 = 3; log(名前_ID, 顧客リスト, 이름)',
    ],
    [
      'names in Cyrillic, Greek, Arabic, Hebrew, Devanagari',
      'const имя = 1, цена_2 = имя, π = 3, λόγος = π, اسم = 1, שם = 2, नाम = 3',
    ],
    ['letters of formulas beside Latin ones', 'const Δt = 1, λ1 = 2, σMax = 3, µs = 4, θ_0 = 5; log(Δt)'],
    ['accents, composed or not', 'const résumé = 1, naïve = 2, Zürich = 3, ćma = 4, e\u0301te\u0301 = 5'],
    ['Turkish', 'const kayıt = 1, ışık = 2'],
    ['ASCII that a font could show alike', 'const l1 = 1, I1 = 2, ll = 3, O0 = 4, OO = 5, rn = 6, m = 7'],
    ['escapes in names that need them', 'const \\u03c0 = 3, \\u{540d} = 1; log(\\u03c0, π)'],
    ['escapes in strings, templates and expressions', "log('\\u0061gent', `\\x1b[1m`, /\\u200b/)"],
    ['line separators in strings', "log('a\u2028b', `c\u2029d`)"],
    ['tabs, CRLF and spaces of typography', '\tlog(1)\r\n\u00a0log(2)\u3000;\r\n'],
    ['look-alikes in strings and comments', "// раypal\nlog('раypal', 'аgent')"],
    [
      'keywords of later meaning as names',
      'const of = 1, get = 2; const o = { async: 1, await: 2, static: 3 }; log(o.class)',
    ],
  ])('run as before: %s', (_, body) => {
    expect(refusal(body)).toBeNull();
  });

  it('a byte order mark is one only at the beginning', () => {
    expect(readScript(`\uFEFF${META}return '\uFEFF'`).warnings).toEqual([]);
    expect(() => readScript(`\uFEFF\uFEFF${META}`)).toThrow('U+FEFF is invisible');
  });

  it('a hundred thousand emoji in as many strings are read', () => {
    expect(refusal(`const a = [${"'❤️', ".repeat(100_000)}]`)).toBeNull();
  });
});
