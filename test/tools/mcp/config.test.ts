// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is written in the files that are read here looks like that
import { mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMcpConfig } from '../../../extension/tools/mcp/config.ts';
import { expanded } from '../../../extension/tools/mcp/expand.ts';
import { problemLine, termsLines } from '../../../extension/tools/mcp/show-server.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { writeFiles } from '../../support/workspace.ts';

async function config(files: { claude?: string | object; code?: string | object }) {
  const workspace = tempDir();
  const text = (content: string | object) => (typeof content === 'string' ? content : JSON.stringify(content));
  if (files.claude) writeFiles(workspace, { '.mcp.json': text(files.claude) });
  if (files.code) writeFiles(workspace, { '.vscode/mcp.json': text(files.code) });
  const { servers, problems } = await readMcpConfig(workspace, ENVIRONMENT);
  return { servers, problems: problems.map(problemLine) };
}

const ENVIRONMENT = { KEY: 'sk-12345', HOME: '/home/x', ODD: '${KEY}' };

const one = (definition: object) => ({ claude: { mcpServers: { one: definition } } });
const oneInCode = (definition: object) => ({ code: { servers: { one: definition } } });

test.each([
  ['a program', one({ command: 'npx', args: ['-y', 'x'] }), { type: 'stdio', command: 'npx', args: ['-y', 'x'] }],
  ['a number and a null', oneInCode({ command: 'x', env: { A: 1, B: null } }), { type: 'stdio', env: { A: '1' } }],
  ['an address', one({ type: 'http', url: 'http://localhost:1/mcp' }), { type: 'http', url: 'http://localhost:1/mcp' }],
  ['an address alone', oneInCode({ url: 'https://x.example' }), { type: 'http', headers: {} }],
  ['a long name of http', one({ type: 'streamable-http', url: 'https://x.example' }), { type: 'http' }],
  ['events', one({ type: 'sse', url: 'https://x.example', headers: { A: 'b' } }), { type: 'sse', headers: { A: 'b' } }],
])('a definition is understood: %s', async (_what, files, launch) => {
  const { servers, problems } = await config(files);
  expect(problems).toEqual([]);
  expect(servers).toHaveLength(1);
  expect(servers[0]).toMatchObject({ name: 'one', line: 1, launch });
});

test.each([
  ['no JSON', { claude: '{\n  "mcpServers": {\n    "a": nonsense\n' }, '.mcp.json:3 cannot be used: unexpected token'],
  ['code', { claude: '{\n "mcpServers": {\n "a": process.exit() } }' }, '.mcp.json:3 cannot be used: it is no JSON'],
  ['a second expression', { claude: '{});\n(0' }, '.mcp.json:2 cannot be used: something stands behind its end'],
  [
    'one name twice',
    { claude: '{"mcpServers": {"a": {},\n"a": {}}}' },
    '.mcp.json:2 cannot be used: "a" is there twice',
  ],
  ['depth', { claude: '['.repeat(100_000) }, '.mcp.json:1 cannot be used: not enough stack'],
  [
    'a list',
    { code: '{\n"servers": []}' },
    '.vscode/mcp.json:2 cannot be used: "servers" has to be an object of servers',
  ],
  ['no way in', one({ args: [] }), 'the server "one" cannot be used: it has neither a "command" nor a "url"'],
  ['args that are text', one({ command: 'x', args: 'y' }), 'the server "one" cannot be used: args: '],
  ['no address', one({ type: 'sse' }), 'its "url" is missing'],
  ['a type of its own', one({ type: 'ws', url: 'ws://x' }), 'cannot be used: type: '],
  ['a file of variables', oneInCode({ command: 'x', envFile: '.env' }), '"envFile" is not supported'],
])('what cannot be used is told with its place: %s', async (_what, files, problem) => {
  const { servers, problems } = await config(files);
  expect(servers).toEqual([]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(problem);
});

test('one that is wrong keeps no other away, and of two with one name the first is taken', async () => {
  const claude = '// ours\n{"mcpServers": {\n"a b": {"command": "first"},\n"bad": 1,\n},}';
  const { servers, problems } = await config({
    claude,
    code: { servers: { 'a.b': { command: 'x' }, c: { command: 'y' } } },
  });
  expect(servers.map(({ name, file, line, what }) => [name, file, line, what])).toEqual([
    ['a_b', '.mcp.json', 3, 'first'],
    ['c', '.vscode/mcp.json', 1, 'y'],
  ]);
  expect(problems).toEqual([
    expect.stringContaining('.mcp.json:4: the server "bad" cannot be used'),
    '.vscode/mcp.json:1: the server "a.b" cannot be used: .mcp.json:3 already defines one of that name',
  ]);
});

test('a folder in the place of the file, and no file at all', async () => {
  expect(await config({})).toEqual({ servers: [], problems: [] });
  const workspace = tempDir();
  mkdirSync(join(workspace, '.mcp.json'));
  expect((await readMcpConfig(workspace)).problems.map(problemLine)).toEqual([
    '.mcp.json cannot be used: it is no file',
  ]);
});

test('a digest holds for one definition: not for other arguments, another variable or another file', async () => {
  const definitions = [{ args: ['a'] }, { args: ['b'] }, { args: ['a'], env: { NODE_OPTIONS: '--require ./x' } }];
  const read = await Promise.all([
    ...definitions.flatMap((more) => [config(one({ command: 'x', ...more })), config(one({ ...more, command: 'x' }))]),
    config(oneInCode({ command: 'x', args: ['a'] })),
  ]);
  const digests = read.map(({ servers }) => servers[0]?.digest);
  expect(new Set(digests).size).toBe(4);
  expect(digests[0]).toBe(digests[1]);
});

test.each([
  ['a variable', one, '--key=${KEY}', '--key=sk-12345'],
  ['a default', one, '${NONE:-a:-b}', 'a:-b'],
  ['a variable before its default', one, '${KEY:-other}', 'sk-12345'],
  ['a value that looks like a variable', one, '${ODD}', '${KEY}'],
  ['the project', one, '${CLAUDE_PROJECT_DIR}/x', '/work space/x'],
  ['no variable', one, '$KEY', '$KEY'],
  ['a variable of VS Code', oneInCode, '${env:KEY}', 'sk-12345'],
  ['the folder', oneInCode, '${workspaceFolder}|${workspaceFolderBasename}', '/work space|work space'],
])('a variable gets its value: %s', async (_what, files, written, value) => {
  const { servers } = await config(files({ command: 'x', args: [written] }));
  const { launch } = expanded(servers[0]!, '/work space', ENVIRONMENT);
  expect(launch).toMatchObject({ args: [value] });
  // What is shown to a person, and kept, is what is written.
  expect(JSON.stringify(servers[0])).not.toContain('sk-12345');
});

test.each([
  ['one that is not set', one, '${NONE}', 'the environment variable NONE is not set, which .mcp.json names'],
  ['two', one, '${NONE} ${NEITHER} ${NONE}', 'variables NEITHER, NONE are not set, which .mcp.json names'],
  ['one of VS Code in the other file', one, '${env:KEY}', '${env:KEY} of .mcp.json is not known here'],
  ['one that asks', oneInCode, '${input:token}', 'Write ${env:NAME} in .vscode/mcp.json, and set that variable'],
  ['one of an editor', oneInCode, '${file}', '${file} of .vscode/mcp.json is not known here'],
])('a variable without a value is told: %s', async (_what, files, written, problem) => {
  const { servers } = await config(files({ command: 'x', env: { A: written } }));
  expect(() => expanded(servers[0]!, '/w', ENVIRONMENT)).toThrow(problem);
  // Whoever is to allow it knows that before.
  expect(servers[0]?.hindrance).toContain(`cannot be started: `);
  expect(servers[0]?.hindrance).toContain(problem);
});

test.each(['file:///etc/passwd', 'https://me:word@x.example', 'localhost:3001'])(
  'what is no address is not gone to: %s',
  async (url) => {
    const { servers } = await config(one({ url }));
    expect(() => expanded(servers[0]!, '/w', {})).toThrow('its "url" has to be an http or https address');
  },
);

test('which variables a server is given is known beforehand, and what they hold is a secret', async () => {
  const headers = { Authorization: 'Bearer ${KEY}', X: '${HOME}${NONE:-}' };
  const { servers } = await config(one({ url: 'https://x.example', headers }));
  expect(servers[0]?.takes).toEqual(['HOME', 'KEY', 'NONE']);
  expect(expanded(servers[0]!, '/w', ENVIRONMENT).secrets).toEqual(['sk-12345']);
});

test('a yes is bound to the programs of the workspace that a definition names, however it names them, and to no data', async () => {
  const workspace = realpathSync(tempDir());
  const outside = tempDir();
  writeFiles(outside, { 'own.js': '1' });
  writeFiles(workspace, {
    '.mcp.json': JSON.stringify({
      mcpServers: {
        script: {
          command: 'node',
          args: ['server.js', '--db=data.db', '--import=./hook.mjs', '-e', 'x'.repeat(5_000), join(outside, 'own.js')],
        },
        folder: {
          command: './bin/run',
          args: ['${CLAUDE_PROJECT_DIR}/tools'],
          env: { NODE_OPTIONS: '--require ./hook.mjs' },
        },
        elsewhere: { command: 'python3', args: ['${SCRIPT:-main.py}'], cwd: 'sub' },
        broken: { command: 'node', args: ['server.js', '${NOT_SET_ANYWHERE}'] },
        far: { type: 'http', url: 'https://x.example/server.js' },
      },
    }),
    'server.js': '1',
    'hook.mjs': '1',
    'data.db': '1',
    'bin/run': '#!/bin/sh\n',
    'tools/a.js': '1',
    'sub/main.py': '1',
  });
  const read = async () =>
    Object.fromEntries((await readMcpConfig(workspace, {})).servers.map((one) => [one.name, one]));
  const before = await read();
  const named = Object.values(before).map(({ name, names }) => [
    name,
    names.files.map(({ path }) => path),
    names.folders,
  ]);
  expect(named).toEqual([
    ['script', ['hook.mjs', 'server.js'], []],
    ['folder', ['bin/run', 'hook.mjs'], ['tools']],
    ['elsewhere', ['sub/main.py'], []],
    ['broken', [], []],
    ['far', [], []],
  ]);
  const changedBy = async (files: Record<string, string>) => {
    const old = await read();
    writeFiles(workspace, files);
    const now = await read();
    return Object.keys(now).filter((name) => now[name]?.digest !== old[name]?.digest);
  };
  expect(await changedBy({ 'server.js': '2' })).toEqual(['script']);
  expect(await changedBy({ 'hook.mjs': '2' })).toEqual(['script', 'folder']);
  expect(await changedBy({ 'bin/run': '#!/bin/sh\nrm -rf /\n' })).toEqual(['folder']);
  expect(await changedBy({ 'sub/main.py': '2' })).toEqual(['elsewhere']);
  expect(await changedBy({ 'data.db': '2', 'tools/a.js': '2' })).toEqual([]);
  // What a link leads to counts.
  rmSync(join(workspace, 'server.js'));
  symlinkSync(join(outside, 'own.js'), join(workspace, 'server.js'));
  const link = await read();
  expect(link.script?.digest).not.toBe(before.script?.digest);
  expect(termsLines(before.folder!).join(' ')).toContain('for this definition and for bin/run, hook.mjs as of now');
  expect(termsLines(before.folder!).join(' ')).toContain('It names tools, where anything may change.');
  expect(termsLines(before.script!).join(' ')).toContain('It runs outside of every sandbox, with your rights');
  expect(termsLines(before.far!).join(' ')).not.toContain('runs outside');
});
