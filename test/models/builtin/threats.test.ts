import { expect, test } from 'vitest';
import { LENSES } from '../../../extension/models/builtin/rules/rule.ts';
import type { Json } from '../../../extension/protocol/json.ts';
import { answerOf, runBuiltin } from '../../support/builtin-agent.ts';

const LACKING = 'the built-in analyst has no patterns for that, only a model can look';

async function ask(task: string, files: Record<string, string>, fields: Record<string, Json>): Promise<Json> {
  const header = Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return answerOf(await runBuiltin(files, `Counterpoint-Task: ${task}\n${header.join('\n')}\n\nDo it.`));
}

test('threats: where something from outside comes in, with its kind and its line, and no comment', async () => {
  const files = {
    'src/app.js': "// app.get('/no', no)\napp.get('/orders', list);\nsocket.on('message', (text) => act(text));\n",
    'src/main.py':
      'import sys\n\nrun(sys.argv[1])\n\n@app.route("/orders")\ndef orders():\n    return request.args["q"]\n',
    'src/plain.ts': "export const get = (map: Map<string, string>) => map.get('/orders');\n",
  };
  const answer = await ask('threats', files, { Files: Object.keys(files), Lenses: ['injection', 'authorisation'] });
  expect(answer).toEqual({
    entryPoints: [
      { file: 'src/app.js', line: 2, kind: 'request', what: "app.get('/orders', list);" },
      { file: 'src/app.js', line: 3, kind: 'message', what: "socket.on('message', (text) => act(text));" },
      { file: 'src/main.py', line: 3, kind: 'command line', what: 'run(sys.argv[1])' },
      { file: 'src/main.py', line: 5, kind: 'request', what: '@app.route("/orders")' },
      { file: 'src/main.py', line: 7, kind: 'request', what: 'return request.args["q"]' },
    ],
    skip: [{ lens: 'authorisation', why: LACKING }],
  });
});

test('triage: skips what it has no patterns for, and leaves what it cannot read or nobody mends there', async () => {
  const Files = ['src/a.ts', 'src/b.go', 'dist/c.js', 'test/d.test.js', 'yarn.lock'];
  const answer = (await ask('triage', {}, { Files, Lenses: [...LENSES, 'readability'] })) as {
    skip: Json;
    leave: { file: string; why: string }[];
  };
  expect(answer.skip).toEqual([{ lens: 'readability', why: LACKING }]);
  expect(answer.leave.map(({ file }) => file)).toEqual(['src/b.go', 'dist/c.js', 'test/d.test.js', 'yarn.lock']);
  expect(answer.leave.map(({ why }) => why.slice(0, 7))).toEqual(['neither', 'of othe', 'a test,', 'neither']);
});

test('severity: by who can choose the value, the gravest where a request does; what cannot be rated is left out', async () => {
  const files = {
    'src/a.js': [
      "const { exec } = require('child_process');",
      "app.get('/', (req, res) => exec('ls ' + req.query.dir));",
      "exports.list = (dir) => exec('ls ' + dir);",
      'const dir = require("./somewhere").dir();',
      "exports.all = () => exec('ls ' + dir);",
      "const hash = crypto.createHash('md5').update(password).digest('hex');",
    ].join('\n'),
    'examples/b.js': 'exports.run = (text) => eval(text);\n',
  };
  const claim = (file: string, line: number, lens: string) => ({ file, line, lens, title: 't', evidence: 'e' });
  const Claims = [
    ...[2, 3, 5].map((line) => claim('src/a.js', line, 'injection')),
    claim('src/a.js', 6, 'weak-crypto'),
    claim('examples/b.js', 1, 'dangerous-calls'),
    claim('src/a.js', 4, 'injection'),
    claim('gone.js', 1, 'injection'),
    claim('src/a.js', 2, 'authorisation'),
  ];
  const { ratings } = (await ask('severity', files, { Claims })) as {
    ratings: { claim: number; severity: string; why: string }[];
  };
  expect(ratings.map(({ claim: number, severity }) => `${number} ${severity}`)).toEqual([
    '1 critical',
    '2 high',
    '3 medium',
    '4 medium',
    '5 low',
  ]);
  expect(ratings[0]?.why).toBe('`req.query.dir` comes from outside (line 2).');
  expect(ratings[1]?.why).toBe('`dir` is whatever a caller gives, and no request is seen to bring it.');
});

test.each(['threats', 'triage', 'severity'])('%s without its fields fails with what it needs', async (task) => {
  const { outcome } = await runBuiltin({}, `Counterpoint-Task: ${task}\nFiles: 3\n\nDo it.`);
  expect(outcome).toMatchObject({ ok: false, cause: { message: expect.stringMatching(`"${task}" needs `) } });
});
