import { describe, expect, it } from 'vitest';
import { readScript } from '../../extension/dialect/read-script.ts';
import { ScriptRefusedError } from '../../extension/protocol/errors.ts';

const META = `export const meta = { name: 'n', description: 'd' };`;

/** What reading refuses: the place and the message. */
function refusal(text: string): { at: string; message: string } {
  try {
    readScript(text);
  } catch (error) {
    if (!(error instanceof ScriptRefusedError)) throw error;
    return { at: `${error.line}:${error.column}`, message: error.message };
  }
  throw new Error('The script was accepted.');
}

describe('the meta', () => {
  it('is read, with its phases as objects', () => {
    const { meta, warnings } = readScript(`export const meta = {
  name: 'sweep', 'description': \`Finds things.\`, whenToUse: "Often", unknown: [1, true, null, { a: {} }],
  phases: ['Scout', { title: 'Find', detail: 'wide', model: 'haiku', other: 1 }],
};
return 1;`);
    expect(meta).toEqual({
      name: 'sweep',
      description: 'Finds things.',
      whenToUse: 'Often',
      phases: [{ title: 'Scout' }, { title: 'Find', detail: 'wide', model: 'haiku' }],
    });
    expect(warnings).toEqual([]);
  });

  it('needs only a name and a description', () => {
    expect(readScript(META).meta).toEqual({ name: 'n', description: 'd', phases: [] });
  });

  it('is blanked out of the source, and nothing moves', () => {
    const { source } = readScript("export const meta = {\n  name: 'n',\r\n  description: 'd' }; return 1; // end");
    expect(source).toBe(`${' '.repeat(21)}\n${' '.repeat(12)}\r\n${' '.repeat(21)} return 1; // end`);
  });

  it.each([
    ['a byte order mark', '\uFEFF', `${' '.repeat(META.length)}\nreturn 1`],
    ['a #! line', '#!/usr/bin/env counterpoint\n', `${' '.repeat(27)}\n${' '.repeat(META.length)}\nreturn 1`],
    ['comments', '// one\n/* two\n three */ ', `// one\n/* two\n three */ ${' '.repeat(META.length)}\nreturn 1`],
    ['a byte order mark and a #! line', '\uFEFF#!x\r\n', `${' '.repeat(3)}\r\n${' '.repeat(META.length)}\nreturn 1`],
  ])('may come after %s', (_, before, source) => {
    expect(readScript(`${before}${META}\nreturn 1`).source).toBe(source);
  });

  it('may come in a file with CRLF', () => {
    const { source } = readScript(`// a\r\n${META}\r\nconst x = 1;\r\nreturn x;\r\n`);
    expect(source.split('\r\n').slice(2)).toEqual(['const x = 1;', 'return x;', '']);
  });

  it.each([
    ['', '1:1', 'The script is empty.'],
    ['// only a comment', '1:1', 'The script is empty.'],
    ['return 1', '1:1', 'The script has no meta. Begin it with `export const meta = '],
    ['\n  log(1)\n', '2:3', 'The script has no meta.'],
    [`\n'use strict';\n${META}`, '2:1', "Remove 'use strict'"],
    [`const x = 1;\n${META}`, '1:1', 'Move `export const meta` above this'],
    ["const meta = { name: 'n', description: 'd' }", '1:1', 'the word `export` is missing'],
    ["export let meta = { name: 'n', description: 'd' }", '1:1', 'meta must be a constant'],
    ["export const meta = { name: 'n', description: 'd' }, x = 1", '1:54', 'Declare meta alone'],
    ['export const meta = make()', '1:21', 'meta must be an object literal'],
    ["export const meta = ['n']", '1:21', 'meta must be an object literal'],
    ["export const meta = { description: 'd' }", '1:21', 'meta.name is missing: it must be a non-empty string.'],
    ["export const meta = { name: 'n' }", '1:21', 'meta.description is missing'],
    ["export const meta = { name: '  ', description: 'd' }", '1:29', 'meta.name is empty'],
    ["export const meta = { name: 'n', description: '' }", '1:47', 'meta.description is empty'],
    ["export const meta = { name: 7, description: 'd' }", '1:29', 'meta.name is not text'],
    ["export const meta = { name: 'n', description: 'a' + 'b' }", '1:47', 'meta must be a pure literal'],
    ['export const meta = { name: `a$' + "{1}`, description: 'd' }", '1:29', 'meta must be a pure literal'],
    ["export const meta = { name: f('n'), description: 'd' }", '1:29', 'meta must be a pure literal'],
    ["export const meta = { name: 'n', description: 'd', x: -1 }", '1:55', 'meta must be a pure literal'],
    ["export const meta = { name: 'n', description: 'd', x: y }", '1:55', 'meta must be a pure literal'],
    ["export const meta = { name: 'n', description: 'd', x: /a/ }", '1:55', 'meta must be a pure literal'],
    ["export const meta = { name: 'n', description: 'd', ...x }", '1:52', 'no spread'],
    ["export const meta = { name: 'n', description: 'd', x: [...y] }", '1:56', 'meta must be a pure literal'],
    ["export const meta = { name: 'n', description: 'd', x: [1,,2] }", '1:55', 'this array has a hole'],
    ["export const meta = { name: 'n', description: 'd', x }", '1:52', 'write every property as key: value'],
    ["export const meta = { name: 'n', description: 'd', x() {} }", '1:52', 'write every property as key: value'],
    ["export const meta = { name: 'n', description: 'd', get x() { return 1 } }", '1:52', 'write every property'],
    ["export const meta = { name: 'n', description: 'd', [x]: 1 }", '1:53', 'write its keys as plain names'],
    ["export const meta = { name: 'n', description: 'd', phases: 'a' }", '1:60', 'meta.phases must be an array'],
    ["export const meta = { name: 'n', description: 'd', phases: [7] }", '1:61', 'Each entry of meta.phases'],
    ["export const meta = { name: 'n', description: 'd', phases: [''] }", '1:61', 'Each entry of meta.phases'],
    ["export const meta = { name: 'n', description: 'd', phases: [{}] }", '1:61', 'The title of a phase is missing'],
    [
      "export const meta = { name: 'n', description: 'd', phases: [{ title: 1 }] }",
      '1:70',
      'The title of a phase is not',
    ],
  ])('is refused as in %j', (text, at, message) => {
    const refused = refusal(text);
    expect(refused.at).toBe(at);
    expect(refused.message).toContain(message);
  });

  it('keeps a key called __proto__ to itself', () => {
    const { meta } = readScript(`export const meta = { __proto__: { phases: 1 }, name: 'n', description: 'd' }`);
    expect(meta).toEqual({ name: 'n', description: 'd', phases: [] });
    expect(({} as { phases?: unknown }).phases).toBeUndefined();
  });
});

describe('the body', () => {
  it.each([
    'await agent("a"); return 2',
    'return',
    'if (1) { return await agent("a") }',
    'for await (const x of []) log(x)',
    'log("import x from y; export default 1; import(z); import.meta")',
    '// import x from "y"\n/* export default 1 */ log(`export `)',
    'const agent = 1, args = 2; function parallel() {}',
    'a < !--b; a --> b; log("<!--"); `<!-- a`; /<!--/ // <!--',
    'class A { static #x = 1; get x() { return A.#x } }; return new A().x ?? null',
  ])('may be %j', (body) => {
    expect(readScript(`${META}\n${body}`).source).toBe(`${' '.repeat(META.length)}\n${body}`);
  });

  it.each([
    ['import x from "y"', '2:1', 'A workflow cannot import anything'],
    ['import "y"', '2:1', 'A workflow cannot import anything'],
    ['log(1);\n  const x = await import("y")', '3:19', 'A workflow cannot import anything'],
    ['function f() { return import("y") }', '2:23', 'A workflow cannot import anything'],
    ['log(import.meta.url)', '2:5', 'A workflow has no import.meta'],
    ['export const x = 1', '2:1', 'exports nothing but meta'],
    ['export function f() {}', '2:1', 'exports nothing but meta'],
    ['const x = 1; export { x }', '2:14', 'exports nothing but meta'],
    ['export * from "y"', '2:1', 'exports nothing but meta'],
    ['export default async function main() {}', '2:1', 'A workflow has no `export default`'],
    ['export default {}', '2:1', 'A workflow has no `export default`'],
    ['if (a <!--b) {}', '2:9', 'Write `< !--` with a space'],
    ['a <!-- b; /*\n}); escaped(); (async function () { 5 */ 1', '2:5', 'Write `< !--` with a space'],
    ['a\n--> b', '3:3', 'Unexpected token'],
    ['const x = ;', '2:11', 'The script does not parse: Unexpected token.'],
    ['const x = 1;\nconst x = 2;', '3:7', "Identifier 'x' has already been declared"],
    ['with (a) {}', '2:1', "'with' in strict mode"],
    ['delete x', '2:1', 'Deleting local variable in strict mode'],
    ['x = 010', '2:5', 'Invalid number'],
    ['log("a', '2:5', 'Unterminated string constant'],
    ['if (1) {', '2:9', 'Unexpected token'],
    ['})(); (async () => {', '2:1', 'Unexpected token'],
  ])('is refused as in %j', (body, at, message) => {
    const refused = refusal(`${META}\n${body}`);
    expect(refused.at).toBe(at);
    expect(refused.message).toContain(message);
  });

  it('is refused where it nests too deep to be read', () => {
    const brackets = refusal(`${META}\nreturn ${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(brackets.message).toContain('Not enough stack space to parse input');
    const chain = refusal(`${META}\nreturn x${'.y'.repeat(100_000)}`);
    expect(chain).toEqual({ at: '1:1', message: 'The script is nested too deeply to be read. Split it up.' });
  });

  it('names the first of several things to refuse, also before a missing meta', () => {
    expect(refusal('import x from "y"\nexport default 1')).toMatchObject({
      at: '1:1',
      message: expect.stringContaining('import'),
    });
    expect(refusal('export default async function () {}').message).toContain('export default');
  });

  it('gives the place in a file with CRLF as an editor does', () => {
    expect(refusal(`${META}\r\n\r\nlog(1);\r\n  import('y')`).at).toBe('4:3');
  });
});

describe('TypeScript', () => {
  it.each([
    ['const x: number = 1', '2:8'],
    ['interface A { x: number }', '2:1'],
    ['const x = y as string', '2:13'],
    ['function f<T>(x: T): T { return x }', '2:11'],
    ['import type { A } from "b"', '2:13'],
  ])('is named as what it is: %j', (body, at) => {
    expect(refusal(`${META}\n${body}`)).toEqual({
      at,
      message: 'This is TypeScript, and a workflow is plain JavaScript. Remove the types, beginning here.',
    });
  });

  it.each(['const x = ;', 'let a; let a;', 'foo bar'])('is not blamed for %j', (body) => {
    expect(refusal(`${META}\n${body}`).message).toMatch(/^The script does not parse: /);
  });
});

describe('warnings', () => {
  it('tell what a literal agent() call will ignore, with the place', () => {
    const { warnings } = readScript(`${META}
await parallel([() => agent('', { labl: 'x', effort: 'extreme' })]);
await agent(prompt, { isolation: 'vm', ...rest, label, effort: level, schema: {} });
await agent('fine', { effort: 'max', isolation: 'worktree', 'model': 'opus' });`);
    expect(warnings).toEqual([
      { message: 'This agent has an empty prompt.', line: 2, column: 29 },
      {
        message:
          "agent() has no option 'labl'; it is ignored. It knows: label, phase, schema, model, effort, isolation, agentType.",
        line: 2,
        column: 35,
      },
      {
        message: "agent() has no effort 'extreme'; it is ignored. It knows: low, medium, high, xhigh, max.",
        line: 2,
        column: 46,
      },
      { message: "agent() has no isolation 'vm'; it is ignored. It knows: worktree.", line: 3, column: 23 },
    ]);
  });

  it('tell which optional part of the meta is ignored', () => {
    const { meta, warnings } = readScript(
      `export const meta = { name: 'n', description: 'd', whenToUse: 1, phases: [{ title: 't', model: 2 }] }`,
    );
    expect(meta).toEqual({ name: 'n', description: 'd', phases: [{ title: 't' }] });
    expect(warnings).toEqual([
      { message: 'whenToUse must be a string; it is ignored.', line: 1, column: 63 },
      { message: 'model must be a string; it is ignored.', line: 1, column: 96 },
    ]);
  });
});
