/** What the agents of a sample run say: varied, and no line of it from a real repository. */
import type { FailureCause } from '../../extension/protocol/run-events.ts';

export const PHASES = ['Scout', 'Find', 'Challenge', 'Report'];
export const AREAS = ['api', 'auth', 'billing', 'cli', 'core', 'db', 'jobs', 'mail', 'search', 'ui', 'web', 'workers'];
export const LENSES = ['secrets', 'injection', 'dangerous-calls', 'swallowed-errors', 'resource-leaks', 'weak-crypto'];
export const CLAIMS = [
  { title: 'SQL built by concatenating the report name', file: 'db/report.ts' },
  { title: 'Token compared with === leaks its length', file: 'auth/verify.ts' },
  { title: 'Stream never closed on error', file: 'jobs/export.ts' },
  { title: 'eval on user input', file: 'cli/repl.ts' },
  { title: 'Path joined unchecked reaches fs.readFile', file: 'web/files.ts' },
  { title: 'Empty catch hides a failed delivery', file: 'mail/send.ts' },
  { title: 'Timer leaks on reconnect', file: 'workers/ws.ts' },
  { title: 'MD5 signs the download link', file: 'core/sign.ts' },
  { title: 'Shell command takes a branch name as it is', file: 'cli/git.ts' },
  { title: 'API key in the default settings', file: 'billing/settings.ts' },
  { title: 'Promise rejection dropped in the queue', file: 'jobs/queue.ts' },
  { title: 'Regular expression made from a search term', file: 'search/query.ts' },
];
export const DOINGS = [
  'reading auth/session.ts 120–180',
  'grep “createReadStream”',
  'glob src/**/*.ts',
  'reading db/pool.ts',
  'thinking',
  'writing its answer',
];
export const REASONS = {
  for: [
    'The handler is mounted without the check.',
    'The value arrives from the request body.',
    'No test or guard contradicts it.',
  ],
  against: [
    'The line is in a test fixture.',
    'The argument is a constant.',
    'A finally block a few lines down handles it.',
  ],
};
export const FAILURES: FailureCause[] = [
  { kind: 'retries-exhausted', message: '529 overloaded, 6 tries', status: 529 },
  { kind: 'schema', message: 'The answer did not fit the schema after 5 tries: /findings/0/line must be integer' },
  { kind: 'refused', message: '401 invalid x-api-key', status: 401 },
];

/** Texts that mean harm, each by what it tries. None of them may do anything but stand there. */
export const HOSTILE: Record<string, string> = {
  html: '<img src=x onerror="window.hacked=1"><b onmouseover="window.hacked=2">bold</b></span></div>',
  script: '</script><script>window.hacked=3</script>]]><svg onload="window.hacked=4">',
  markdown:
    '[click](javascript:window.hacked=5) ![x](https://attacker.example/x.png) <iframe src="//attacker.example">',
  override: 'user \u202etxt.exe\u2066 admin\u2069\u202d end',
  rightToLeft: 'שלום עולם 42 مرحبا 17 end',
  ansi: '\u001b[31mred\u001b[0m \u001b]8;;https://attacker.example\u0007link\u001b]8;;\u0007 \u001b[2J',
  emoji: '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 e\u0301 \u200b\ufeff\u00ad zero',
  zalgo: `Z${'\u0301\u0327\u0488\u036f'.repeat(200)}algo`,
  control: 'null \u0000 bell \u0007 back \u0008\u0008\u0008 line\u2028separator\r\nnext',
  prototype: '__proto__',
  constructor: 'constructor',
  surrogate: 'half \ud83d of a pair \udc00',
  megabyte: `one ${'word'.repeat(250_000)}`,
};
