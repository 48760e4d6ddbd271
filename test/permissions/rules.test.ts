import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundsOf } from '../../extension/permissions/bounds.ts';
import { ruleFits } from '../../extension/permissions/match.ts';
import type { Outcome } from '../../extension/permissions/profiles.ts';
import { readRules } from '../../extension/permissions/rules.ts';
import { globFits, mayFitBelow } from '../../extension/permissions/wildcard.ts';
import type { PermissionRules, Target } from '../../extension/protocol/permissions.ts';

const TOOLS = ['git_diff', 'mcp_call'];

function fitting(outcome: Outcome, text: string, tool: string, target: Target | null): boolean {
  const [rule] = readRules({ allow: [], ask: [], deny: [], [outcome]: [text] }, TOOLS);
  return ruleFits(rule!, tool, target);
}

const command = (line: string): Target => ({ kind: 'command', words: line.split(' '), text: line });
const path = (name: string, access: 'read' | 'write' = 'write'): Target => ({ kind: 'path', path: name, access });
const address = (url: string): Target => ({ kind: 'address', url });
const unclear: Target = { kind: 'unclear', text: '$X', why: 'x' };

test.each<[rule: string, tool: string, fits: Target[], fitsNot: Target[]]>([
  ['bash(npm test)', 'bash', [command('npm test')], ['npm', 'npm test -w a', 'npm testing', 'npx test'].map(command)],
  ['bash(npm test *)', 'bash', ['npm test', 'npm test -- -u'].map(command), ['npm tests', 'npm run test'].map(command)],
  ['bash(git log *)', 'bash', [command('git log -5')], ['git push', 'git -c x log', '/usr/bin/git log'].map(command)],
  ['bash(*)', 'bash', [command('anything at all')], [unclear]],
  [
    'bash("npm" \'run test\')',
    'bash',
    [{ kind: 'command', words: ['npm', 'run test'], text: '' }],
    [command('npm run test')],
  ],
  ["bash(find . -name '*')", 'bash', [command('find . -name *')], [command('find . -name x')]],
  [
    'edit_file(src/**)',
    'edit_file',
    ['src/a.ts', 'src/a/b.ts', 'src/./a', 'src'].map((name) => path(name)),
    ['lib/a', 'src2/a', 'src/../a', '../src/a', '/src/a'].map((name) => path(name)),
  ],
  ['edit_file(src/**)', 'write_file', [path('src/a')], [path('src/a', 'read')]],
  ['edit_file(src/**)', 'bash', [path('src/a')], [command('src/a')]],
  ['read_file(*.md)', 'grep', [path('a.md', 'read')], [path('docs/a.md', 'read'), path('a.md', 'write')]],
  ['write_file(**)', 'write_file', [path('a'), path('a/b/c')], [path('../a'), path('/a'), path('C:/a')]],
  [
    'web_fetch(docs.rs)',
    'web_fetch',
    ['https://docs.rs/x', 'http://DOCS.rs:8080/', 'https://docs.rs./'].map(address),
    [
      'https://evil.com/docs.rs',
      'https://docs.rs@evil.com',
      'https://docs.rs.evil.com',
      'https://a.docs.rs',
      'ftp://docs.rs',
      'docs.rs',
    ].map(address),
  ],
  [
    'web_fetch(*.docs.rs)',
    'web_fetch',
    ['https://a.docs.rs', 'https://a.b.docs.rs'].map(address),
    ['https://docs.rs', 'https://evildocs.rs'].map(address),
  ],
  [
    'web_fetch(bücher.example)',
    'web_fetch',
    [address('https://xn--bcher-kva.example/')],
    [address('https://bucher.example/')],
  ],
  [
    'mcp(github:list_issues)',
    'mcp_call',
    [{ kind: 'server', server: 'github', tool: 'list_issues' }],
    [
      { kind: 'server', server: 'github', tool: 'delete' },
      { kind: 'server', server: 'gitlab', tool: 'list_issues' },
    ],
  ],
  [
    'mcp__git_hub__get-it',
    'mcp_call',
    [{ kind: 'server', server: 'git.hub', tool: 'get-it' }],
    [
      { kind: 'server', server: 'git.hub', tool: 'get-it-all' },
      { kind: 'server', server: 'git', tool: 'hub__get-it' },
    ],
  ],
  [
    'mcp__github',
    'mcp_call',
    [{ kind: 'server', server: 'github', tool: 'x' }],
    [{ kind: 'server', server: 'github_too', tool: 'x' }],
  ],
  [
    'mcp(github:*)',
    'mcp__github__x',
    [{ kind: 'server', server: 'github', tool: 'x' }],
    [{ kind: 'server', server: 'git', tool: 'x' }],
  ],
  ['mcp', 'mcp_call', [{ kind: 'server', server: 'any', tool: 'x' }], [address('https://docs.rs')]],
  ['mcp', 'mcp__github__x', [{ kind: 'server', server: 'github', tool: 'x' }], [path('mcp')]],
  ['bash', 'bash', [command('rm -rf /'), unclear, path('/etc/x')], []],
])('allow %s', (rule, tool, fits, fitsNot) => {
  for (const target of fits) expect(fitting('allow', rule, tool, target), JSON.stringify(target)).toBe(true);
  for (const target of fitsNot) expect(fitting('allow', rule, tool, target), JSON.stringify(target)).toBe(false);
});

test('a rule for a tool alone holds for no other', () => {
  expect(fitting('allow', 'bash', 'bash2', command('ls'))).toBe(false);
  expect(fitting('allow', 'git_diff', 'git_diff', null)).toBe(true);
  expect(fitting('allow', 'grep(src/**)', 'grep', null)).toBe(false);
});

test('the star of what is allowed stands for no file that holds keys', () => {
  for (const word of [
    '.env',
    './.env',
    'a/id_rsa',
    '.git/config',
    '--file=.env',
    'HEAD:.env',
    '@key.pem',
    '.GIT/hooks',
  ])
    expect(fitting('allow', 'bash(cat *)', 'bash', command(`cat ${word}`)), word).toBe(false);
  expect(fitting('allow', 'bash(cat .env)', 'bash', command('cat .env'))).toBe(true);
  expect(fitting('deny', 'bash(cat *)', 'bash', command('cat .env'))).toBe(true);
});

test('what is denied or asked is known under its other names, too', () => {
  for (const outcome of ['deny', 'ask'] as const) {
    for (const line of ['/bin/rm -rf', './rm x', 'RM x', 'rm.exe x'])
      expect(fitting(outcome, 'bash(rm *)', 'bash', command(line)), line).toBe(true);
    expect(fitting(outcome, 'edit_file(Secret/**)', 'edit_file', path('secret/A'))).toBe(true);
    expect(fitting(outcome, 'edit_file(**)', 'edit_file', path('../x'))).toBe(true);
    expect(fitting(outcome, 'edit_file(secret)', 'edit_file', path('secret/a/b'))).toBe(true);
    expect(fitting(outcome, 'edit_file(secret)', 'edit_file', path('secrets'))).toBe(false);
  }
  expect(fitting('allow', 'bash(rm *)', 'bash', command('/bin/rm x'))).toBe(false);
  expect(fitting('allow', 'edit_file(Secret/**)', 'edit_file', path('secret/A'))).toBe(false);
});

test.each<[glob: string, path: string, fits: boolean]>([
  ['**', 'a/b', true],
  ['**/x', 'x', true],
  ['**/x', 'a/b/x', true],
  ['a/**/x', 'a/x', true],
  ['a/**/x', 'a/b/c/x', true],
  ['a/**/x', 'a/b/c/y', false],
  ['a/*/x', 'a/b/c/x', false],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['*.ts', '.ts', true],
  ['a.ts', 'abts', false],
  ['*a*a*b', 'aaaaaaab', true],
])('%s fits %s: %s', (glob, name, expected) => {
  expect(globFits(glob, name)).toBe(expected);
});

test('no rule and no path makes the matching take long', () => {
  // A matcher that tries every way would never come to an end with these.
  expect(globFits(`${'**/a/'.repeat(60)}b`, 'a/'.repeat(2_000))).toBe(false);
  expect(globFits(`${'*a'.repeat(60)}b`, 'a'.repeat(4_000))).toBe(false);
});

test.each<[rule: unknown, what: RegExp]>([
  ['bahs(npm test)', /there is no tool bahs; there are .*bash/],
  ['gerp', /there is no tool gerp/],
  ['constructor(x)', /there is no tool constructor/],
  ['npm test', /neither a tool nor/],
  ['bash(npm test', /neither a tool nor/],
  ['', /neither a tool nor/],
  [7, /no short text/],
  ['x'.repeat(2_000), /no short text/],
  ['mcp_call(x)', /go by nothing that it touches/],
  ['bash_network(docs.rs)', /programs reach no host but those that a rule allows/],
  ['bash_network', /programs reach no host but those that a rule allows/],
  ['bash()', /names no command/],
  ['bash(npm * test)', /it has to be the last/],
  ['bash(npm run:*)', /after a blank/],
  ['bash(npm test && rm)', /each needs a rule of its own/],
  ['bash(npm "test)', /quote is not closed/],
  ['edit_file()', /names no path/],
  ['edit_file(/etc/**)', /relative to the workspace/],
  ['edit_file(~/x)', /relative to the workspace/],
  ['edit_file(C:/x)', /relative to the workspace/],
  ['edit_file(src\\x)', /forward slashes/],
  ['edit_file(../x)', /"\.\."/],
  ['edit_file(src/)', /folder\/\*\*/],
  ['edit_file(src**)', /alone between slashes/],
  ['edit_file({a,b})', /only \*, \*\* and \?/],
  ['web_fetch(https://docs.rs)', /host alone/],
  ['web_fetch(docs.rs/x)', /host alone/],
  ['web_fetch(docs.rs:80)', /host alone/],
  ['web_fetch(*)', /host alone/],
  ['mcp(github)', /a server and a tool/],
])('%j is refused with what is wrong and an example', (rule, what) => {
  const rules = { allow: ['grep'], ask: [], deny: [rule] } as unknown as PermissionRules;
  expect(() => readRules(rules, TOOLS)).toThrow(what);
  expect(() => readRules(rules, TOOLS)).toThrow(/\(deny\).*Write for example [a-z]/s);
  expect(() => readRules(rules, TOOLS)).toThrow(expect.objectContaining({ code: 'bad-arguments' }));
});

test('rules that are no lists are refused', () => {
  for (const ask of [undefined, 'bash', {}, new Array(2_000).fill('bash')])
    expect(() => readRules({ allow: [], ask, deny: [] } as unknown as PermissionRules, TOOLS)).toThrow(
      /"ask" have to be a list/,
    );
});

test('a folder is never taken for one without anything below it that a glob fits', () => {
  const name = fc.constantFrom('a', 'A', 'b', 'ab');
  const glob = fc.array(fc.oneof(name, fc.constantFrom('*', '**', '?', 'a*')), { minLength: 1, maxLength: 4 });
  const path = fc.array(name, { minLength: 1, maxLength: 4 });
  let fitting = 0;
  fc.assert(
    fc.property(glob, path, (globNames, names) => {
      const [written, whole] = [globNames.join('/'), names.join('/')];
      const rule = readRules({ allow: [], ask: [], deny: [`grep(${written})`] }, TOOLS)[0]!;
      if (!ruleFits(rule, 'grep', { kind: 'path', path: whole, access: 'read' })) return;
      fitting += 1;
      const folders = ['.', ...names.slice(0, -1).map((_, at) => names.slice(0, at + 1).join('/'))];
      for (const folder of folders) expect(mayFitBelow(written, folder), `${written} ${folder}`).toBe(true);
    }),
    { numRuns: 1_000 },
  );
  expect(fitting).toBeGreaterThan(50);
  expect([mayFitBelow('secret/**', 'src'), mayFitBelow('a/*/c', 'a/b/d'), mayFitBelow('a', 'b')]).toEqual([
    false,
    false,
    false,
  ]);
});

test.each([
  ['bash_network', /has to be a host alone/],
  ['bash_network(*)', /has to be a host alone/],
  ['bash_network(docs.rs:443)', /has to be a host alone/],
  ['bash_network(*.com)', /a whole name of a host/],
  ['bash_network(intranet)', /a whole name of a host/],
])('%s opens nothing to programs, and is refused', (rule, what) => {
  expect(() => readRules({ allow: [rule], ask: [], deny: [] }, TOOLS)).toThrow(what);
});

test('hosts are opened to programs by a rule of their own, and closed by one against fetching', () => {
  const hosts = (allow: string[], deny: string[] = []) => {
    const call = { tool: 'bash', access: 'execute', input: {}, targets: [], confined: true } as const;
    return boundsOf(call, readRules({ allow, ask: [], deny }, TOOLS), () => false).hosts;
  };
  const allow = ['bash_network(Docs.rs)', 'bash_network(*.npmjs.org)', 'bash_network(localhost)'];
  expect(hosts(allow)).toEqual(['docs.rs', '*.npmjs.org', 'localhost']);
  expect(hosts(['web_fetch(docs.rs)', 'web_fetch', 'bash'])).toEqual([]);
  expect(hosts(allow, ['web_fetch(docs.rs)'])).toEqual(['*.npmjs.org', 'localhost']);
  expect(hosts(allow, ['web_fetch(evil.npmjs.org)'])).toEqual(['docs.rs', 'localhost']);
  expect(hosts(allow, ['web_fetch(*.rs)'])).toEqual(['*.npmjs.org', 'localhost']);
  expect(hosts(allow, ['web_fetch'])).toEqual([]);
});
