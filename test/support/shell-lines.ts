import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { tempDir } from './temp-dir.ts';

/** What bash itself did with a line. */
export interface Ran {
  /** The words of each command that it looked for, as it would have given them to the program. */
  commands: string[][];
  /** Names of the files that were there afterwards. */
  files: string[];
}

/**
 * Runs each line in the real bash, in an empty folder of its own and with no program to be found: each command that bash would have run is
 * written down in its place. Lines may only have words that no builtin does harm with.
 */
export function runInBash(lines: readonly string[]): Ran[] {
  const folder = tempDir();
  lines.forEach((line, at) => {
    writeFileSync(join(folder, `line-${at}`), line);
  });
  const script = `
    FUNCNEST=20
    command_not_found_handle() { printf '%s\\0' "$#" "$@" >&199; return 1; }
    for ((n = 0; n < ${lines.length}; n++)); do
      IFS= read -r -d '' L < "$ROOT/line-$n" || :
      mkdir "$ROOT/files-$n"
      ( cd "$ROOT/files-$n"; exec 199>>"$ROOT/ran-$n" </dev/null >/dev/null 2>/dev/null; PATH=/nonexistent; eval "$L" )
    done`;
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', ROOT: folder };
  const { status, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-c', script], { env, encoding: 'utf8' });
  // The last line decides how the loop ends; anything over that is bash being killed.
  if (status === null) throw new Error(`bash was killed: ${stderr.slice(0, 500)}`);
  return lines.map((_, at) => ({
    commands: commandsIn(join(folder, `ran-${at}`)),
    files: readdirSync(join(folder, `files-${at}`)),
  }));
}

function commandsIn(file: string): string[][] {
  if (!existsSync(file)) throw new Error(`bash did not come to ${file}`);
  const parts = readFileSync(file, 'utf8').split('\0');
  const commands: string[][] = [];
  for (let at = 0; at < parts.length - 1; ) {
    const count = Number(parts[at]);
    commands.push(parts.slice(at + 1, at + 1 + count));
    at += count + 1;
  }
  return commands;
}

/** Pieces of shell that are put together blindly: most lines are broken, and bash runs the beginning of many of them. */
const PIECES =
  `a b rmx f g ' " \` \\ # ; && || | & ( ) { } $( ) <( >( $x \${x} \${x:=$(b)} $((1)) x=1 PATH=q if then fi else do done esac ;; a)
  f() time coproc eval command builtin exec trap [[ ]] [ ] -f {a,b} * ? [ab] ~ $'\\x61' $"b" é -c = += a=( declare export set true false : 2 1 $ $#
  \\a \\" \\' "" '' a#b "a"b"c" a'b' a$(b)c "\`b\`" exit @( !( %% ^ > < >x 2>&1 &>y >|z >& <<< $(rmx) '$(rmx)' "$(rmx)" <(rmx) (rmx) |rmx &&rmx >&'$(rmx)'`
    .split(/\s+/)
    .concat(
      ' ',
      ' ',
      ' ',
      ' ',
      '\n',
      '\\\n',
      '\t',
      '\r',
      '\u00a0',
      '\u2003',
      '<<EOF',
      '\nEOF\n',
      "<<'E'\n",
      '\nE\n',
      '<<-E\n',
      '\n\tE\n',
    )
    .concat(
      'if ',
      '; then ',
      '; fi',
      'for i in a b; do ',
      '; done',
      'case a in a) ',
      ' esac',
      ' EXIT',
      'alias b=c\n',
      '{ rmx; }',
      '; rmx z',
      '\nrmx z\n',
    );

const broken = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 9 }).map((pieces) => pieces.join(''));

const WORDS = `a b rmx --b=c "a b" 'x' a\\ b "a\\"b" a#b b"c"d {} '' - -- \\rmx r'm'x "r"mx`.split(
  / (?=(?:[^"']|"[^"]*"|'[^']*')*$)/,
);
const command = fc
  .tuple(
    fc.constantFrom('a', 'b', 'rmx', "r''mx", '\\rmx', 'b"c"'),
    fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }),
  )
  .map(([name, words]) => [name, ...words].join(' '));
const REDIRECTIONS = [
  ' >x',
  ' 2>&1',
  ' >>y',
  ' &>q',
  ' >|r',
  ' <>s',
  ' 2> e',
  ' >"x y"',
  ' >a\\ b',
  ' 3>&1',
  ' 2>&-',
  ' <<<w',
];
const BETWEEN = ['; ', ' && ', '||', '|', ' & ', '\n', ' |& ', ';\n', ' &&\n', ' # \' " `\n'];

/** Lines that bash takes, of every construct that runs something. */
const whole: fc.Arbitrary<string> = fc.letrec<{ line: string }>((tie) => {
  const line = tie('line');
  const within = (before: string, after: string) => line.map((inner) => before + inner + after);
  return {
    line: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'line' },
      { arbitrary: command, weight: 4 },
      { arbitrary: fc.tuple(line, fc.constantFrom(...BETWEEN), line).map((parts) => parts.join('')), weight: 4 },
      fc.tuple(line, fc.constantFrom(...REDIRECTIONS)).map((parts) => parts.join('')),
      fc.tuple(line, line).map(([a, b]) => `if ${a}\nthen ${b}\nfi`),
      fc.tuple(line, line).map(([a, b]) => `case a in a|b) ${a}\n;; *) ${b}\n;; esac`),
      fc.tuple(fc.constantFrom('command ', 'builtin ', 'exec ', '! ', 'CI=1 '), command).map((parts) => parts.join('')),
      fc.tuple(fc.constantFrom("'EOF'", 'EOF', '\\EOF'), line).map(([end, rest]) => `a <<${end}\nb; rmx\nEOF\n${rest}`),
      line.map((inner) => `eval '${inner.replaceAll("'", '')}'`),
      line.map((inner) => `trap '${inner.replaceAll("'", '')}' EXIT`),
      within('(', '\n)'),
      within('{ ', '\n}'),
      within('for i in 1 2; do ', '\ndone'),
      within('f() { ', '\n}; f'),
      within('[ -f a ] || ', ''),
      within('[ a && ', ' ]'),
      within('[[ a || ', ' ]]'),
      within('set -e\n', ''),
      within('a "$(', '\n)"'),
      within('# ', ''),
    ),
  };
}).line;

/** Such lines with something put in or left out here and there: what the grammar then takes for the same is not always that to bash. */
const changed = fc
  .tuple(
    whole,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.constantFrom('', ...PIECES)), { minLength: 1, maxLength: 3 }),
  )
  .map(([line, changes]) =>
    changes.reduce((text, [place, left, put]) => {
      const at = place % (text.length + 1);
      return text.slice(0, at) + put + text.slice(at + left);
    }, line),
  );

/** Lines as a hostile model might write them; harmless where no program is to be found. */
export const shellLine: fc.Arbitrary<string> = fc.oneof(broken, whole, changed);
