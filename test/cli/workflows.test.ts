import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { argsOf } from '../../extension/cli/script-args.ts';
import { type CommandLine, readCommandLine } from '../../extension/cli/usage.ts';
import { runCli } from '../support/cli-process.ts';
import { runHarness } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';
import { writeFiles } from '../support/workspace.ts';
import { documentOf } from './cli-bench.ts';

const TAKES = `{ type: 'object', properties: { days: { type: 'integer', default: 3 }, place: { enum: ['a', 'b'] } }, required: ['place'] }`;

/** A workspace and a home with workflows, and the command line in them. */
function places() {
  const [workspace, home] = [tempDir(), tempDir()];
  const script = (name: string, more: string, body: string) =>
    `export const meta = { name: '${name}', description: 'All of ${name}'${more} };\n${body}\n`;
  writeFiles(workspace, {
    '.counterpoint/workflows/takes.js': script('takes', `, args: ${TAKES}`, 'return args;'),
    '.claude/workflows/liner.js': script(
      'liner',
      ", args: 'The question to answer', whenToUse: 'Often'",
      'return args;',
    ),
    '.claude/workflows/broken.js': 'const = 1;',
    '.claude/workflows/hostile.js': script(
      String.raw`host\u001b[2Jile`,
      String.raw`, whenToUse: '\u202egnp.\u0007'`,
      '',
    ),
    'new.js': script('anything', '', "return 'kept';"),
  });
  const cli = (...args: string[]) => runCli([...args, '--workspace', workspace], { env: { HOME: home } });
  return { workspace, home, cli };
}

test('workflows are listed with where they come from, what they take and why they cannot run', async () => {
  const { cli, workspace } = places();
  const listed = await cli('workflows');
  expect(listed.code).toBe(0);
  const lines = listed.stdout.split('\n');
  const at = lines.findIndex((line) => /^takes +project +All of takes$/.test(line));
  expect(lines[at + 1]).toBe('  args: days (integer, default 3), place ("a" or "b", required)');
  const liner = lines.findIndex((line) => /^liner +project \(\.claude\) +All of liner$/.test(line));
  expect(lines.slice(liner + 1, liner + 3)).toEqual(['  when: Often', '  args: The question to answer']);
  expect(listed.stdout).toMatch(/^broken +project \(\.claude\) +cannot run: SyntaxError: .*\(line 1, column 7\)$/m);
  expect(listed.stdout).toMatch(/^bug-sweep +bundled +/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  expect(listed.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
  const entries = documentOf(await cli('workflows', '--json'));
  expect(entries).toContainEqual({
    name: 'liner',
    description: 'All of liner',
    whenToUse: 'Often',
    args: { line: 'The question to answer' },
    path: join(workspace, '.claude/workflows/liner.js'),
    source: 'project-claude',
  });
});

test('args that do not fit are told with what there is to give, and a line of text is one without quotes', async () => {
  const { cli } = places();
  const builtin = ['--provider', 'builtin', '--json'];
  const wrong = await cli('run', 'takes', '--args', '{"days":"many"}', ...builtin);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain(`"days" must be integer`);
  expect(wrong.stderr).toContain('It takes: days (integer, default 3), place ("a" or "b", required).');
  expect(documentOf(wrong)).toMatchObject({ status: 'failed' });
  const noJson = await cli('run', 'takes', '--args', 'a', ...builtin);
  expect([noJson.code, noJson.stdout]).toEqual([2, '']);
  expect(noJson.stderr).toMatch(/--args is no JSON .*The script takes: days \(integer, default 3\)/);
  const line = await cli('run', 'liner', '--args', 'What is it?', ...builtin);
  expect(documentOf(line)).toMatchObject({ status: 'completed', result: 'What is it?' });
});

test('what begins like JSON and is none is no line of text, and a script that says nothing takes no text', async () => {
  const { manager, workspace } = await runHarness(() => ({ text: '' }));
  const write = (more: string) =>
    writeFileSync(join(workspace, 's.js'), `export const meta = { name: 's', description: 'd'${more} };\nreturn 1;`);
  const given = (args: string) =>
    argsOf(readCommandLine(['run', join(workspace, 's.js'), '--args', args]) as CommandLine, manager);
  write(", args: 'A question'");
  expect(await given('{"a":[1]}')).toEqual({ a: [1] });
  expect(await given('it is a line')).toBe('it is a line');
  for (const args of ['{a', '[1', ' "a']) await expect(given(args)).rejects.toThrow('--args is no JSON');
  write('');
  await expect(given('it is a line')).rejects.toThrow('a text needs its quotes');
});

test('a script is kept as a workflow of the project or as one of the person, and takes no place unasked', async () => {
  const { cli, workspace, home } = places();
  const script = join(workspace, 'new.js');
  const kept = join(workspace, '.counterpoint/workflows/kept.js');
  const saved = await cli('save', script, '--name', 'kept');
  expect([saved.code, saved.stdout]).toEqual([0, `workflow kept: ${kept}; \`counterpoint run kept\` runs it\n`]);
  const taken = await cli('save', 'takes', '--name', 'kept');
  expect(taken.code).toBe(1);
  expect(taken.stderr).toContain('another workflow called "kept"');
  expect(readFileSync(kept, 'utf8')).toContain("return 'kept'");
  expect((await cli('save', 'takes', '--name', 'kept', '--replace')).code).toBe(0);
  expect(readFileSync(kept, 'utf8')).toContain('All of takes');
  const own = join(home, '.counterpoint/workflows/mine.js');
  const mine = await cli('save', script, '--name', 'mine', '--user', '--json');
  expect(documentOf(mine)).toEqual({ name: 'mine', path: own });
  expect(readFileSync(own, 'utf8')).toContain("return 'kept'");
});

test('a result with SARIF in it lies beside the report under one name, and another has none', async () => {
  const { cli, workspace } = places();
  const out = join(workspace, 'out');
  const sarif = { version: '2.1.0', runs: [] };
  mkdirSync(join(workspace, 'scripts'));
  const write = (result: unknown) =>
    writeFileSync(
      join(workspace, 'scripts/sarif.js'),
      `export const meta = { name: 's', description: 'd' };\nreturn ${JSON.stringify(result)};`,
    );
  write({ report: '# Found', sarif });
  const written = await cli('run', 'scripts/sarif.js', '--provider', 'builtin', '--report', out);
  expect(written.stdout).toContain(`sarif: ${join(out, 'results.sarif')}`);
  expect(JSON.parse(readFileSync(join(out, 'results.sarif'), 'utf8'))).toEqual(sarif);

  write({ report: '# Found', sarif: 'none' });
  const none = join(workspace, 'none');
  await cli('run', 'scripts/sarif.js', '--provider', 'builtin', '--report', none);
  expect(
    readdirSync(none)
      .map((file) => file.split('.').pop())
      .sort(),
  ).toEqual(['html', 'md']);
});
