import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { runToolCall } from '../../extension/agents/tool-calls.ts';
import { withoutMark } from '../../extension/protocol/as-data.ts';
import type { TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { PermissionRules } from '../../extension/protocol/permissions.ts';
import { bashTool } from '../../extension/tools/bash.ts';
import { findOnPath } from '../../extension/tools/find-program.ts';
import { type OsSandbox, osSandbox } from '../../extension/tools/shell/os-sandbox.ts';
import { outputOf, type ToolContext, ToolError } from '../../extension/tools/tool.ts';
import { installOsSandbox } from '../../scripts/os-sandbox.ts';
import { commitFiles, git } from '../support/git-folder.ts';
import { underRules } from '../support/permitted-call.ts';
import { oddSeconds, programsAreGone, programsWith } from '../support/programs.ts';
import { tempDir } from '../support/temp-dir.ts';
import { workspaceWith, writeFiles } from '../support/workspace.ts';

let sandbox: OsSandbox;
beforeAll(async () => {
  installOsSandbox();
  sandbox = await osSandbox();
}, 120_000);

async function bash(command: string, context: ToolContext, timeout = 60): Promise<string> {
  return outputOf(await bashTool.run({ command, timeout }, context)).forModel;
}

/** What only the sandbox can hold; where there is none, every call has to be put to a person. */
async function expectHeld(context: ToolContext, held: () => Promise<void>): Promise<void> {
  if (sandbox.available) return await held();
  expect(await bashTool.targets!({ command: 'true' }, context)).toEqual([
    { kind: 'unclear', text: 'true', why: sandbox.why },
  ]);
}

test('a command runs in the workspace; its errors stand where they came, and how it ended is told', async () => {
  const context = await workspaceWith({ 'a.txt': 'one\n' });
  expect(await bash('cat a.txt; echo no >&2; pwd; exit 3', context)).toBe(
    `one\nno\n${context.workspace}\n\n(exit code 3)`,
  );
  expect(await bash('true', context)).toBe('(no output)');
  expect(await bash('kill -9 $$', context)).toMatch(/^\(exit code 137\)$|^\(ended by a signal\)$|Killed/);
  expect(await bash("printf 'a\\033[31mred\\033[0m\\n10%%\\r20%%\\rdone\\n'", context)).toBe('ared\ndone');
  expect(await bash('echo "$0 $BASHOPTS" | grep -c login_shell', context)).toBe('0\n\n(exit code 1)');
  expect(await bash("echo 'it'\\''s' \"$HOME\" | wc -w; cat <<'EOF'\n$HOME 'x'\nEOF", context)).toBe("2\n$HOME 'x'");
});

test('what it is given is what it gets: no key, no token, nothing that steers programs', async () => {
  const context = await workspaceWith({});
  const hostile =
    `ANTHROPIC_API_KEY GITHUB_TOKEN AWS_SECRET_ACCESS_KEY GIT_DIR GIT_SSH_COMMAND LD_PRELOAD BASH_ENV NODE_OPTIONS SSH_AUTH_SOCK
    ENV PYTHONPATH MY_OWN_SECRET`.split(/\s+/);
  for (const name of hostile) process.env[name] = `VALUE-OF-${name}`;
  onTestFinished(() => {
    for (const name of hostile) delete process.env[name];
  });
  const environment = await bash('env -0 | tr "\\n\\0" " \\n"', context);
  expect(environment).not.toContain('VALUE-OF');
  const allowed =
    `BASH CARGO_HOME CI COUNTERPOINT_CALL GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_KEY_1 GIT_CONFIG_KEY_2 GIT_CONFIG_NOSYSTEM
    GIT_CONFIG_VALUE_0 GIT_CONFIG_VALUE_1 GIT_CONFIG_VALUE_2 GIT_TERMINAL_PROMPT HOME LANG LC_ALL LC_CTYPE TZ JAVA_HOME GOROOT NVM_DIR VOLTA_HOME
    PYENV_ROOT VIRTUAL_ENV NO_COLOR PAGER PATH PWD RUSTUP_HOME SHLVL TERM TMPDIR _`.split(/\s+/);
  const names = environment.split('\n').map((line) => line.split('=')[0]!);
  expect(names.filter((name) => !allowed.includes(name))).toEqual([]);
  expect(environment).toContain('TERM=dumb');
  expect(await bash('cat /proc/self/environ /proc/$PPID/environ 2>&1 | tr -d "\\0"', context)).not.toContain(
    'VALUE-OF',
  );
  // Its home is its own, and is gone with it.
  const home = await bash('test "$HOME" != "$OLDPWD" && touch "$HOME/x" "$TMPDIR/y" && echo "$HOME"', context);
  expect(home).toContain('counterpoint-home-');
  expect(existsSync(home)).toBe(false);
});

test('no hook and no monitor of a repository runs, and git works', async () => {
  const context = await workspaceWith({});
  commitFiles(context.workspace, { 'a.txt': 'one\n' });
  writeFileSync(join(context.workspace, '.git/hooks/pre-commit'), '#!/bin/sh\ntouch hook-ran\n', { mode: 0o755 });
  git(context.workspace, 'config', 'core.fsmonitor', './monitor.sh');
  writeFiles(context.workspace, { 'monitor.sh': '#!/bin/sh\ntouch monitor-ran\n' });
  const output = await bash(
    'chmod +x monitor.sh; echo two >> a.txt; git status --short; git commit -qam two && git log -1 --format=%an',
    context,
  );
  expect(output).toBe(' M a.txt\n?? monitor.sh\nCounterpoint agent');
  expect([existsSync(join(context.workspace, 'hook-ran')), existsSync(join(context.workspace, 'monitor-ran'))]).toEqual(
    [false, false],
  );
});

test('the workspace is changed and nothing else', async () => {
  const context = await workspaceWith({ 'a.txt': 'one' });
  await expectHeld(context, async () => {
    const outside = tempDir();
    writeFiles(outside, { 'secret.txt': 'OUTSIDE' });
    const target = join(process.cwd(), `written-${oddSeconds()}`);
    const command = `echo in > in.txt; echo out > ${target}; echo out > ${outside}/out.txt; cat ${outside}/secret.txt; ln -s ${outside}/secret.txt link; cat link`;
    const output = await bash(command, context);
    expect(output).not.toContain('OUTSIDE');
    expect(readFileSync(join(context.workspace, 'in.txt'), 'utf8')).toBe('in\n');
    expect([existsSync(target), existsSync(join(outside, 'out.txt'))]).toEqual([false, false]);
  });
});

test('files that may hold secrets, and the home, are not seen', async () => {
  const context = await workspaceWith({
    '.env': 'KEY=IN-ENV',
    'deep/down/.env.local': 'IN-LOCAL',
    'keys/id_rsa': 'IN-RSA',
  });
  writeFiles(context.workspace, {
    '.counterpoint/runs.txt': 'IN-RUNS',
    'deep/.ENV.prod': 'IN-PROD',
    '.env.example': 'IN-EXAMPLE\n',
  });
  await expectHeld(context, async () => {
    const seen = await bash(
      'cat .env .env.example deep/down/.env.local deep/.ENV.prod keys/id_rsa .counterpoint/runs.txt 2>&1',
      context,
    );
    expect(seen.match(/IN-\w+/g)).toEqual(['IN-EXAMPLE']);
    const known = join(homedir(), `.counterpoint-test-${oddSeconds()}`);
    writeFileSync(known, 'IN-HOME');
    onTestFinished(() => rmSync(known, { force: true }));
    expect(await bash(`cat ${known} 2>&-; ls -A ~root ${homedir()} 2>&1; cat /etc/shadow 2>&1`, context)).not.toMatch(
      /IN-HOME|counterpoint-test|root:[*$!]/,
    );
  });
});

test('what says which programs run cannot be changed: hooks, settings of git, editors and shells', async () => {
  const context = await workspaceWith({ '.vscode/tasks.json': '{}', '.husky/pre-push': 'x' });
  commitFiles(context.workspace, { 'a.txt': 'one\n' });
  await expectHeld(context, async () => {
    const config = readFileSync(join(context.workspace, '.git/config'), 'utf8');
    const tries = [
      'echo x > .git/hooks/pre-commit',
      'echo "[core] pager = evil" >> .git/config',
      'mv .git/config c',
      'rm -rf .git/hooks',
      'mv .git elsewhere',
      'echo x > .vscode/tasks.json',
      'mv .vscode v',
      'echo x > .husky/pre-push',
      'echo ../evil > .git/commondir',
    ];
    for (const line of tries) await bash(`${line} 2>&1`, context);
    expect(readFileSync(join(context.workspace, '.git/config'), 'utf8')).toBe(config);
    expect(existsSync(join(context.workspace, '.git/hooks/pre-commit'))).toBe(false);
    expect(existsSync(join(context.workspace, '.git/commondir'))).toBe(false);
    expect(readFileSync(join(context.workspace, '.vscode/tasks.json'), 'utf8')).toBe('{}');
    expect(readFileSync(join(context.workspace, '.husky/pre-push'), 'utf8')).toBe('x');
    // And nothing is left of what held their places.
    expect(git(context.workspace, 'status', '--short')).toBe('');
  });
});

test('no network is reached, nor a server on this machine', async () => {
  const context = await workspaceWith({});
  await expectHeld(context, async () => {
    let reached = 0;
    const server = createServer((socket) => {
      reached += 1;
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    expect(await bash(`(exec 3<>/dev/tcp/127.0.0.1/${port}) 2>&1 && echo CONNECTED`, context)).not.toContain(
      'CONNECTED',
    );
    expect(reached).toBe(0);
  });
});

test('a host that a rule opens to programs is reached, and no other', async () => {
  const context = await workspaceWith({});
  await expectHeld(context, async () => {
    const server = createHttpServer((_request, response) => response.end('REACHED'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    // Programs ask the proxy that they are told of; bash can do so by itself.
    const ask = `p=\${HTTP_PROXY#*@}; u=\${HTTP_PROXY#http://}; u=\${u%@*}; exec 3<>/dev/tcp/127.0.0.1/\${p#*:}
      printf 'GET http://127.0.0.1:${port}/ HTTP/1.1\\r\\nHost: 127.0.0.1:${port}\\r\\nProxy-Authorization: Basic %s\\r\\nConnection: close\\r\\n\\r\\n' "$(printf %s "$u" | sed 's/%3D/=/g' | base64 -w0)" >&3; cat <&3`;
    const under = async (rules: Partial<PermissionRules>, command = ask) =>
      await underRules(context, { rules, profile: 'edit-in-worktrees' }).call(bashTool, { command });
    expect(await under({ allow: ['bash_network(127.0.0.1)'] })).toContain('REACHED');
    const curl = `curl -sS --max-time 10 http://127.0.0.1:${port}/ 2>&1`;
    if ((await findOnPath('curl')) !== undefined)
      expect(await under({ allow: ['bash_network(127.0.0.1)'] }, `env no_proxy= NO_PROXY= ${curl}`)).toContain(
        'REACHED',
      );
    for (const rules of [
      { allow: ['bash_network(example.com)'] },
      { allow: ['bash_network(127.0.0.1)', 'bash_network(example.com)'], deny: ['web_fetch(127.0.0.1)'] },
    ]) {
      const other = await under(rules);
      expect(other).toContain('403');
      expect(other).not.toContain('REACHED');
    }
    expect(await under({ allow: ['web_fetch(127.0.0.1)', 'web_fetch'] })).not.toContain('REACHED');
  });
});

test('a command that takes too long ends, with everything that it started', async () => {
  const context = await workspaceWith({});
  const seconds = oddSeconds();
  const command = `echo begun; setsid sleep ${seconds} & (sleep ${seconds} &) ; nohup sleep ${seconds} >/dev/null 2>&1 & sleep ${seconds}`;
  expect(await bash(command, context, 1)).toBe('begun\n\n(ended after 1 seconds, with all that it had started)');
  expect(await programsAreGone(seconds)).toBe(true);
});

test('what it leaves running in the background ends with it', async () => {
  const context = await workspaceWith({});
  const seconds = oddSeconds();
  expect(await bash(`setsid sleep ${seconds} & (setsid sleep ${seconds} &); echo done`, context)).toBe('done');
  expect(await programsAreGone(seconds)).toBe(true);
});

test('a stop ends all of it, and is what the call ends with', async () => {
  const stop = new AbortController();
  const context = { ...(await workspaceWith({})), signal: stop.signal };
  const seconds = oddSeconds();
  const running = bash(`setsid sleep ${seconds} & sleep ${seconds}`, context);
  const ended = expect(running).rejects.toThrow('stopped by a person');
  for (let i = 0; i < 200 && programsWith(seconds).length < 2; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(programsWith(seconds).length).toBeGreaterThanOrEqual(2);
  stop.abort(new Error('stopped by a person'));
  await ended;
  expect(await programsAreGone(seconds)).toBe(true);
});

test('processes that make processes end with the rest', async () => {
  const context = await workspaceWith({});
  const seconds = oddSeconds();
  // Bounded, in case that nothing ends them: each makes two more, six times over.
  const bomb = `b() { [ $1 -gt 0 ] && { b $(($1-1)) & b $(($1-1)) & }; exec sleep ${seconds}; }; b 6`;
  expect(await bash(bomb, context, 2)).toContain('ended after 2 seconds');
  expect(await programsAreGone(seconds)).toBe(true);
});

test('a huge output is cut for the model and kept whole up to a megabyte', async () => {
  const context = await workspaceWith({});
  const { forModel, whole } = outputOf(await bashTool.run({ command: 'seq 1 20000' }, context));
  expect(whole!.trim().split('\n')).toHaveLength(20_000);
  expect(forModel).toMatch(/^1\n2\n[\s\S]*\n\n\(\d+ characters left out; .*\)\n\n[\s\S]*\n20000$/);
  expect(forModel.length).toBeLessThan(30_200);
  const endless = outputOf(await bashTool.run({ command: 'yes | head -c 3000000' }, context));
  expect(endless.whole).toContain('(2000000 characters were not kept)');
  expect(endless.whole!.length).toBeLessThan(1_000_100);
  expect(await bash('yes', context)).toContain('(ended, for it wrote far too much)');
  expect(outputOf(await bashTool.run({ command: 'echo short' }, context)).whole).toBeUndefined();
});

test('the transcript has the whole output beside what the model was told, and hears its last line', async () => {
  const toolContext = await workspaceWith({});
  const entries: TranscriptEntry[] = [];
  const doing: string[] = [];
  const call = {
    type: 'tool_use' as const,
    id: 'a',
    name: 'bash',
    input: { command: 'seq 1 9000; sleep 1.1; echo "the last"' },
  };
  const result = await runToolCall(call, {
    tools: [bashTool],
    toolContext,
    signal: toolContext.signal,
    onDoing: (words) => doing.push(words),
    onTranscript: (entry) => entries.push(entry),
  });
  expect(result.content).toContain('characters left out');
  expect(entries).toMatchObject([
    { type: 'tool', output: withoutMark(result.content), whole: expect.stringContaining('\n4500\n') },
  ]);
  expect(doing).toEqual(['running seq 1 9000; sleep 1.1; echo "the last"', 'the last']);
});

test('its targets are its commands; what is no command is refused', async () => {
  const context = await workspaceWith({});
  const open = sandbox.available ? [] : [{ kind: 'unclear', text: 'npm test > out.txt', why: sandbox.why }];
  expect(await bashTool.targets!({ command: 'npm test > out.txt' }, context)).toEqual([
    { kind: 'command', words: ['npm', 'test'], text: 'npm test' },
    { kind: 'path', path: 'out.txt', access: 'write' },
    ...open,
  ]);
  for (const command of ['', ' \n', 'a'.repeat(20_001), 'a\0b'])
    await expect(bashTool.run({ command }, context)).rejects.toThrow(ToolError);
});
