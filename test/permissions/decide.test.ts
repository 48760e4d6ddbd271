import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, grantOf, type PermissionCall } from '../../extension/permissions/decide.ts';
import type { Outcome } from '../../extension/permissions/profiles.ts';
import { readRules } from '../../extension/permissions/rules.ts';
import { type PermissionRules, PROFILES, type Profile, type Target } from '../../extension/protocol/permissions.ts';
import { parseCommand } from '../../extension/tools/shell/parse-command.ts';
import { runInBash, shellLine } from '../support/shell-lines.ts';

const TOOLS = ['git_diff', 'mcp_call'];
const NOBODY = () => false;

function rulesOf(rules: Partial<PermissionRules>) {
  return readRules({ allow: [], ask: [], deny: [], ...rules }, TOOLS);
}

async function bashCall(command: string, confined = true): Promise<PermissionCall> {
  return { tool: 'bash', access: 'execute', input: { command }, targets: await parseCommand(command), confined };
}

function callOf(tool: string, access: PermissionCall['access'], ...targets: Target[]): PermissionCall {
  return { tool, access, input: {}, targets, confined: true };
}

async function outcomeOf(
  line: string,
  rules: Partial<PermissionRules>,
  profile: Profile = 'read-only',
  confined = true,
) {
  return decide(await bashCall(line, confined), rulesOf(rules), profile, NOBODY).outcome;
}

const write = (path: string): Target => ({ kind: 'path', path, access: 'write' });

test('each profile allows what it says where no rule says otherwise', () => {
  const calls: [string, PermissionCall][] = [
    ['read', callOf('read_file', 'read', { kind: 'path', path: 'a', access: 'read' })],
    ['read without targets', callOf('git_diff', 'read')],
    ['write', callOf('edit_file', 'write', write('a'))],
    ['write outside', callOf('edit_file', 'write', write('../a'))],
    ['command', callOf('bash', 'execute', { kind: 'command', words: ['a'], text: 'a' })],
    ['unclear', callOf('bash', 'execute', { kind: 'unclear', text: '$A', why: 'w' })],
    ['unconfined', { ...callOf('bash', 'execute', { kind: 'command', words: ['a'], text: 'a' }), confined: false }],
    [
      'unconfined unclear',
      { ...callOf('bash', 'execute', { kind: 'unclear', text: '$A', why: 'w' }), confined: false },
    ],
    ['unconfined without targets', { ...callOf('bash', 'execute'), confined: false }],
    ['address', callOf('web_fetch', 'network', { kind: 'address', url: 'https://a.example' })],
    ['server', callOf('mcp_call', 'execute', { kind: 'server', server: 'a', tool: 'b' })],
  ];
  const table = Object.fromEntries(
    calls.map(([name, call]) => [name, PROFILES.map((profile) => decide(call, [], profile, NOBODY).outcome).join(' ')]),
  );
  expect(table).toEqual({
    read: 'allow allow allow',
    'read without targets': 'allow allow allow',
    write: 'deny allow allow',
    'write outside': 'deny ask ask',
    command: 'deny allow allow',
    unclear: 'deny allow allow',
    unconfined: 'deny ask ask',
    'unconfined unclear': 'deny ask ask',
    'unconfined without targets': 'deny ask ask',
    address: 'deny deny ask',
    server: 'deny deny ask',
  });
});

test('deny wins over ask, and ask over allow, in whatever order they stand', async () => {
  expect(await outcomeOf('npm test', { allow: ['bash(npm test)'] })).toBe('allow');
  expect(await outcomeOf('npm test', { allow: ['bash'], ask: ['bash(npm *)'] })).toBe('ask');
  expect(await outcomeOf('npm test', { allow: ['bash'], ask: ['bash'], deny: ['bash(npm test)'] })).toBe('deny');
  expect(await outcomeOf('npm test', { allow: ['bash(npm test)'], deny: ['bash'] })).toBe('deny');
});

test('a call is allowed only where each of its targets is', async () => {
  const rules = { allow: ['bash(npm test)', 'bash(git log *)', 'edit_file(out/**)'] };
  expect(await outcomeOf('npm test && git log -3 > out/log', rules)).toBe('allow');
  expect(await outcomeOf('npm test && rm -rf /', rules)).toBe('deny');
  expect(await outcomeOf('npm test > src/x', rules)).toBe('deny');
  expect(await outcomeOf('npm test | tee x', rules, 'trusted', false)).toBe('ask');
});

test('what nobody can tell is never what a rule for commands allows, and may be what one denies', async () => {
  const unclear = '$X -rf /';
  expect(await outcomeOf(unclear, { allow: ['bash(*)'] })).toBe('deny');
  expect(await outcomeOf(unclear, { allow: ['bash(*)'] }, 'trusted', false)).toBe('ask');
  expect(await outcomeOf(unclear, { allow: ['bash'] })).toBe('allow');
  expect(await outcomeOf(unclear, { allow: ['bash'], deny: ['bash(rm *)'] })).toBe('ask');
  expect(await outcomeOf(unclear, { deny: ['bash(rm *)'] }, 'trusted')).toBe('ask');
  expect(await outcomeOf('rm "$X"', { allow: ['bash'], deny: ['bash(rm *)'] })).toBe('deny');
});

test('keys, and the files of git itself, are denied whatever the rules say', () => {
  const rules = rulesOf({ allow: ['edit_file(**)', 'edit_file', 'read_file'] });
  for (const path of [
    '.env',
    'a/.env.local',
    'x/../.git/hooks/pre-commit',
    '.GIT/config',
    'id_rsa',
    'a.pem',
    '.git\\config',
  ]) {
    const call = callOf('edit_file', 'write', write(path));
    expect(
      decide(call, rules, 'trusted', () => true),
      path,
    ).toMatchObject({ outcome: 'deny', rule: null });
  }
  expect(decide(callOf('edit_file', 'write', write('.gitignore')), rules, 'trusted', NOBODY).outcome).toBe('allow');
});

test('an earlier yes answers what would be asked, and nothing that is denied', async () => {
  const call = await bashCall('git push');
  const yes = ({ covers }: { covers: string }) => covers === 'command ["git","push"]';
  expect(decide(call, rulesOf({ ask: ['bash(git push)'] }), 'trusted', yes).outcome).toBe('allow');
  expect(decide(call, rulesOf({ ask: ['bash'], deny: ['bash(git *)'] }), 'trusted', yes).outcome).toBe('deny');
  const more = await bashCall('git push --force');
  expect(decide(more, rulesOf({ ask: ['bash(git push *)'] }), 'trusted', yes).outcome).toBe('ask');
});

test('it says what it is about, and by which rule', async () => {
  const verdict = decide(await bashCall('ls && rm -rf x'), rulesOf({ deny: ['bash(rm *)'] }), 'trusted', NOBODY);
  expect(verdict).toMatchObject({
    outcome: 'deny',
    rule: 'bash(rm *)',
    why: 'rm -rf x: the rule bash(rm *) denies it',
  });
  const asked = decide(await bashCall('ls && git push'), rulesOf({ ask: ['bash(git push)'] }), 'trusted', NOBODY);
  expect(asked.open).toEqual([{ kind: 'command', words: ['git', 'push'], text: 'git push' }]);
});

test('a yes covers just what was asked', async () => {
  const covers = async (line: string) => {
    const call = await bashCall(line);
    return call.targets.map((target) => grantOf(target, call).covers);
  };
  expect(await covers('npm "run test"')).toEqual(['command ["npm","run test"]']);
  expect(await covers('npm run test')).toEqual(['command ["npm","run","test"]']);
  expect(await covers('a > ./x/../y')).toEqual(['command ["a"]', 'write y']);
  const [ls, rm] = [await covers('X=ls; $X .'), await covers('X=rm; $X .')];
  expect(ls[1]).toMatch(/^call [0-9a-f]{64}$/);
  expect(ls[1]).not.toBe(rm[1]);
  expect((await covers(`echo ${'x'.repeat(5_000)}`))[0]).toMatch(/^sha256 [0-9a-f]{64}$/);
  const fetch = callOf('web_fetch', 'network');
  expect(grantOf({ kind: 'address', url: 'https://Docs.rs/a?b' }, fetch).covers).toBe('host docs.rs');
  expect(grantOf({ kind: 'address', url: 'nonsense' }, fetch).covers).toMatch(/^call /);
});

test('a call that does very much is asked about, and granted, as a whole; what is denied in it stays so', async () => {
  const line = Array.from({ length: 300 }, (_, at) => `x ${at}`).join('; ');
  const call = await bashCall(line, false);
  const verdict = decide(call, [], 'trusted', NOBODY);
  expect(verdict).toMatchObject({ outcome: 'ask', open: [null] });
  const grant = grantOf(null, call);
  expect(decide(call, [], 'trusted', ({ covers }) => covers === grant.covers).outcome).toBe('allow');
  const denied = await bashCall(`${line}; rm -rf / > .env`, false);
  expect(decide(denied, [], 'trusted', () => true).outcome).toBe('deny');
  expect(decide(denied, rulesOf({ deny: ['bash(rm *)'] }), 'trusted', () => true).rule).toBe('bash(rm *)');
});

test('no line that makes bash run another command than the allowed one is allowed', async () => {
  const rules = rulesOf({ allow: ['bash(a *)', 'bash(b)', 'edit_file(x)'] });
  const allowed = (words: string[]): boolean => words[0] === 'a' || (words[0] === 'b' && words.length === 1);
  const lines = fc.sample(shellLine, { numRuns: 400, seed: 11 });
  const ran = runInBash(lines);
  const counts: Record<Outcome, number> = { allow: 0, ask: 0, deny: 0 };
  for (const [at, line] of lines.entries()) {
    const call = await bashCall(line, false);
    if (call.targets.length === 0) continue;
    const { outcome } = decide(call, rules, 'read-only', NOBODY);
    counts[outcome] += 1;
    if (ran[at]!.commands.every(allowed) && ran[at]!.files.every((file) => file === 'x')) continue;
    expect(outcome, line).not.toBe('allow');
  }
  expect(counts.allow).toBeGreaterThan(10);
  expect(counts.deny).toBeGreaterThan(100);
});

/** Ways to put a command into a line beside one that is allowed. */
const WAYS: ((inner: string) => string)[] = [
  (inner) => `a && ${inner}`,
  (inner) => `a\n${inner}`,
  (inner) => `a; ( ${inner} )`,
  (inner) => `a | { ${inner}; }`,
  (inner) => `a "$(${inner})"`,
  (inner) => `a \`${inner}\``,
  (inner) => `a <(${inner})`,
  (inner) => `if a; then ${inner}; fi`,
  (inner) => `a() { ${inner}; }; a`,
  (inner) => `for i in 1; do ${inner}; done`,
  (inner) => `sh -c '${inner.replaceAll("'", "'\\''")}'`,
  (inner) => `eval '${inner.replaceAll("'", "'\\''")}'`,
  (inner) => `a <<EOF\n$(${inner})\nEOF`,
  (inner) => `a <<'EOF'\nx\nEOF\n${inner}`,
  (inner) => `timeout 5 sudo ${inner}`,
  (inner) => `a | xargs ${inner}`,
  (inner) => `trap '${inner.replaceAll("'", "'\\''")}' EXIT`,
  (inner) => `\${X:-$(${inner})}`,
  (inner) => `coproc ${inner}`,
];

test('a command outside of the list is never allowed, however deep it hides', async () => {
  const rules = rulesOf({ allow: ['bash(a *)', 'bash(sudo *)', 'bash(xargs *)'] });
  const name = fc.constantFrom('rm', "r''m", '\\rm', '/bin/rm', 'X=1 rm', '$RM', "$'rm'", 'command rm', 'rm>x');
  await fc.assert(
    fc.asyncProperty(name, fc.array(fc.constantFrom(...WAYS), { maxLength: 3 }), async (rm, ways) => {
      const line = ways.reduce((inner, way) => way(inner), `${rm} -rf /`);
      const { outcome } = decide(await bashCall(line, false), rules, 'trusted', NOBODY);
      expect(outcome, line).toBe('ask');
    }),
    { numRuns: 400, seed: 5 },
  );
});

test('a rule for paths is held by the sandbox against what nobody can tell; where there is none, a person is asked', async () => {
  const rules = { allow: ['bash'], deny: ['read_file(secret/**)'] };
  expect(await outcomeOf('cat $X', rules, 'trusted', true)).toBe('allow');
  expect(await outcomeOf('cat $X', rules, 'trusted', false)).toBe('ask');
  expect(await outcomeOf('cat $X', { allow: ['bash'] }, 'trusted', false)).toBe('allow');
});

test('a word of a command that names a file is held against rules for paths, and takes nothing from what is allowed', () => {
  const touch: Target = { kind: 'command', words: ['touch', 'x'], text: 'touch x' };
  const call = callOf('bash', 'execute', touch, { kind: 'path', path: 'x', access: 'write', word: true });
  const outcome = (rules: Partial<PermissionRules>) => decide(call, rulesOf(rules), 'read-only', NOBODY).outcome;
  expect(outcome({ allow: ['bash(touch x)'] })).toBe('allow');
  expect(outcome({ allow: ['bash(touch x)', 'edit_file(x)'], deny: ['edit_file(x)'] })).toBe('deny');
  expect(outcome({ allow: ['bash(touch x)'], ask: ['write_file(x)'] })).toBe('ask');
  expect(outcome({ allow: ['edit_file(x)'] })).toBe('deny');
});
