import { describe, expect, test } from 'vitest';
import { ARGUMENTS, type CommandName, OPTIONS } from '../../extension/cli/options.ts';
import { type CommandLine, readCommandLine } from '../../extension/cli/usage.ts';
import { UsageError } from '../../extension/cli/values.ts';
import { FIRST_ADDED_CALL } from '../../extension/protocol/run-events.ts';

const COMMANDS = Object.keys(OPTIONS) as CommandName[];

function misuse(...argv: string[]): string {
  try {
    readCommandLine(argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'accepted';
}

test('the help lists every command, and tells every option and argument of each', () => {
  const all = readCommandLine(['--help']);
  for (const command of COMMANDS) {
    expect(all).toContain(`counterpoint ${command}`);
    const help = readCommandLine([command, '--help']);
    for (const option of Object.keys(OPTIONS[command])) expect(help, command).toMatch(new RegExp(`--${option}\\b`));
    for (const argument of ARGUMENTS[command]) expect(help).toContain(argument);
  }
});

describe('of models', () => {
  test.each<[string, string[], string]>([
    ['a provider that is none', ['run', 'x', '--provider', 'oracle'], 'vertex, compatible or builtin, not "oracle"'],
    ['a model without a name', ['run', 'x', '--finder-model', ' '], '--finder-model takes the name of a model'],
    ['a workspace to try a model in', ['models', '--workspace', 'x'], '--workspace'],
  ])('%s is wrong usage', (_, argv, message) => {
    expect(misuse(...argv)).toContain(message);
  });

  test('those of roles arrive under what the agents are there for', () => {
    const line = readCommandLine([
      'run',
      'x',
      '--finder-model',
      'haiku',
      '--judge-model',
      'opus',
      '--provider',
      'vertex',
    ]);
    expect(line).toMatchObject({ models: { agent: 'haiku', judge: 'opus' }, provider: 'vertex', model: null });
    expect(readCommandLine(['fork', 'x', '--challenger-model', 'y'])).toMatchObject({ models: { challenger: 'y' } });
    expect(readCommandLine(['resume', 'x'])).toMatchObject({ models: {} });
  });
});

describe('of planning, previews and saved workflows', () => {
  test.each<[string, string[], string]>([
    ['a goal without quotes', ['plan', 'find', 'bugs'], '`plan` takes one argument, GOAL'],
    ['a size that is none', ['plan', 'x', '--size', 'huge'], '--size is auto, small, medium or large, not "huge"'],
    ['args for a plan', ['plan', 'x', '--args', '1'], '--args'],
    ['no script to preview', ['preview'], '`preview` takes one argument, SCRIPT|NAME'],
    ['a preview that is to be run', ['preview', 'x', '--run'], '--run'],
    ['a limit that is none', ['preview', 'x', '--max-agents', '0'], '--max-agents takes a whole number'],
    ['workflows of something', ['workflows', 'x'], '`workflows` takes no argument'],
    ['no name to save under', ['save', 'x'], '`save` takes --name NAME'],
  ])('%s is wrong usage', (_, argv, message) => {
    expect(misuse(...argv)).toContain(message);
  });

  test('what is given arrives, and what is not has its default', () => {
    const plan = readCommandLine(['plan', 'Find bugs', '--size', 'small', '--out', 'x.js', '--run', '--yes']);
    expect(plan).toMatchObject({ subject: 'Find bugs', size: 'small', out: 'x.js', run: true, yes: true });
    expect(readCommandLine(['plan', 'x'])).toMatchObject({ size: 'auto', out: null, run: false, yes: false });
    expect(readCommandLine(['preview', 'x', '--args', '{"a":1}', '--max-agents', '7'])).toMatchObject({
      args: '{"a":1}',
      limits: { maxAgents: 7 },
    });
    expect(readCommandLine(['save', 'x', '--name', 'y', '--user', '--replace'])).toMatchObject({
      ...{ name: 'y', user: true, replace: true },
    } satisfies Partial<CommandLine>);
  });
});

test('limits of one agent arrive as they were given, and no nonsense does', () => {
  const line = readCommandLine(['run', 'x', '--agent-turns', '80', '--agent-tokens', '200000']) as CommandLine;
  expect(line).toMatchObject({ limits: { agentTurns: 80, agentTokens: 200_000 } });
  expect(misuse('run', 'x', '--agent-turns', '0')).toContain('--agent-turns takes a whole number from 1');
  expect(misuse('run', 'x', '--agent-tokens', 'many')).toContain('--agent-tokens takes a whole number from 1');
});

test('an agent that a person added has a number of its own, and a task of its own', () => {
  expect(
    readCommandLine(['add', 'x', 'look', '--label', 'l', '--model', 'haiku', '--agent-type', 'Explore']),
  ).toMatchObject({
    ...{ subject: 'x', message: 'look', label: 'l', model: 'haiku', agentType: 'Explore' },
  } satisfies Partial<CommandLine>);
  expect(readCommandLine(['skip', 'x', 'added-2'])).toMatchObject({ call: FIRST_ADDED_CALL + 1 });
  expect(readCommandLine(['stop', 'x', '--agent', 'added-1'])).toMatchObject({ call: FIRST_ADDED_CALL });
  expect(misuse('add', 'x')).toContain('`add` takes two arguments, RUN TASK');
  for (const wrong of ['added-0', 'added-', 'added', 'ADDED-1', 'added--1', '1.5', '0'])
    expect(misuse('skip', 'x', wrong)).toContain('AGENT takes a whole number from 1, or added-1');
});

test('what agents may do is taken as it is written, rule by rule', () => {
  const argv = [
    'run',
    'x',
    '--profile',
    'trusted',
    '--allow',
    'bash(npm test)',
    '--allow',
    'grep',
    '--deny',
    'bash(rm *)',
  ];
  const line = readCommandLine([...argv, '--permission-timeout', '30', '--unattended']);
  expect(line).toMatchObject({
    profile: 'trusted',
    permissions: { allow: ['bash(npm test)', 'grep'], ask: [], deny: ['bash(rm *)'] },
    permissionTimeoutMs: 30_000,
    unattended: true,
  });
  expect(readCommandLine(['run', 'x'])).toMatchObject({ profile: null, permissions: null, permissionTimeoutMs: null });
  expect(readCommandLine(['permit', 'x', '7', '--answer', 'run'])).toMatchObject({ call: 7, answer: 'run' });
  expect(readCommandLine(['permit', 'x'])).toMatchObject({ call: null, answer: null });
});

test.each([
  ['a profile that is none', ['run', 'x', '--profile', 'yolo'], /--profile is read-only, edit-in-worktrees or trusted/],
  ['an answer that is none', ['permit', 'x', '1', '--answer', 'yes'], /--answer is once, run, always or deny/],
  ['no time', ['run', 'x', '--permission-timeout', '0'], /--permission-timeout takes a whole number from 1/],
])('%s is wrong usage', (_, argv, message) => {
  expect(() => readCommandLine(argv)).toThrow(message);
});
