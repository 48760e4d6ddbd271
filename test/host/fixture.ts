import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Approvals } from '../../extension/runs/approvals.ts';
import { digestOf } from '../../extension/runs/new-run.ts';

/** A small repository in three languages with real problems in it, and some that only look like it. */
const FILES: Record<string, string> = {
  'src/server.js': `import { exec } from 'node:child_process';
import { createHash } from 'node:crypto';

const API_TOKEN = 'ghp_9aT2kQ7xW4mZ1vB8nR5cL3yD6fH0jK2sPqXe';

export function ping(request, response) {
  exec('ping -c 1 ' + request.query.host, (error, output) => response.end(output));
}

export function passwordHash(password) {
  return createHash('md5').update(password).digest('hex');
}

export function headers() {
  return { authorization: API_TOKEN };
}
`,
  'src/store.ts': `import { readFile } from 'node:fs/promises';

export async function load(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {}
  return '';
}

export function find(db: { query(sql: string): unknown }, name: string): unknown {
  return db.query(\`SELECT * FROM users WHERE name = '\${name}'\`);
}

// eval(input) was here once; the word in a comment harms nobody.
export const hint = 'never call eval(input)';
`,
  'jobs/report.py': `import hashlib
import pickle
import subprocess


def load(path):
    return pickle.load(open(path, "rb"))


def archive(name):
    subprocess.run("tar czf backup.tgz " + name, shell=True)


def checksum(data):
    return hashlib.sha256(data).hexdigest()


def total(rows):
    try:
        return sum(row["amount"] for row in rows)
    except Exception:
        pass
`,
  'README.md': '# Shop\n\nA small shop.\n',
};

/** Runs for as long as nobody stops it, so that a test can look at a run at work. */
const LONG_RUN = `export const meta = { name: 'long-run', description: 'Waits, so that it can be stopped.', phases: [{ title: 'Wait' }] };
phase('Wait');
log('waiting');
await new Promise((resolve) => setTimeout(resolve, 600_000));
return 'waited';
`;

const ECHO = `export const meta = { name: 'echo', description: 'Gives its args back.' };
log('args: ' + JSON.stringify(args));
return { report: '# Echo\\n\\n' + JSON.stringify(args), args };
`;

const NAP = `export const meta = { name: 'nap', description: 'Ends some seconds after it began.' };
await new Promise((resolve) => setTimeout(resolve, 4_000));
return { report: '# Rested' };
`;

const ASK = `export const meta = { name: 'ask', description: 'Asks one agent.' };
return { report: '# ' + (await agent('Say hello.')) };
`;

/** Three agents that take as long as a test lets them, the last one with a schema. */
const TEAM = `export const meta = { name: 'team', description: 'Three agents at work.', phases: [{ title: 'Work' }, { title: 'Sum up' }] };
phase('Work');
const schema = { type: 'object', required: ['count'], properties: { count: { type: 'integer' } } };
const [one, two, three] = await parallel([
  () => agent('Hold one'),
  () => agent('Hold two'),
  () => agent('Hold three', { schema }),
]);
phase('Sum up');
const sum = await agent('Sum up.');
return { report: '# Team', one, two, three, sum };
`;

/** Asks a person twice: once with buttons, once with a form. */
const RELEASE = `export const meta = { name: 'release', description: 'Asks before it ships.', phases: [{ title: 'Ask' }] };
phase('Ask');
const go = await checkpoint('Ship it?', { detail: 'All tests passed.', choices: ['Ship', 'Hold'] });
const how = await checkpoint('How widely?', {
  schema: {
    type: 'object',
    required: ['channel', 'percent'],
    properties: {
      channel: { enum: ['beta', 'stable'], description: 'Who gets it?' },
      percent: { type: 'integer', minimum: 1, maximum: 100, description: 'How many of them, in percent?' },
      note: { type: 'string', description: 'A note for the log' },
    },
  },
});
return { report: '# Released', go, how };
`;

/** What nobody has approved when the tests begin. */
const UNKNOWN = `export const meta = { name: 'unknown', description: 'Nobody has seen it yet.' };
return { report: '# Unknown' };
`;

const BROKEN = `export const meta = { name: 'broken', description: 'Does not parse.' };
const = 1;
`;

const SCRIPTS: Record<string, string> = {
  '.counterpoint/workflows/long-run.js': LONG_RUN,
  '.claude/workflows/echo.js': ECHO,
  '.claude/workflows/nap.js': NAP,
  '.claude/workflows/ask.js': ASK,
  '.claude/workflows/team.js': TEAM,
  '.claude/workflows/release.js': RELEASE,
};

/** Writes the repository into an empty folder. */
export async function writeFixture(folder: string): Promise<void> {
  const all = {
    ...FILES,
    ...SCRIPTS,
    '.claude/workflows/unknown.js': UNKNOWN,
    '.claude/workflows/broken.js': BROKEN,
  };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Has the person of this home approve scripts of the repository for good: those it came with, or others by their text. */
export async function approve(home: string, folder: string, texts = Object.values(SCRIPTS)): Promise<void> {
  const workspace = await realpath(folder);
  const approvals = new Approvals(home);
  for (const text of texts) await approvals.add({ workspace, digest: digestOf(text) }, 'approved by a test');
}
