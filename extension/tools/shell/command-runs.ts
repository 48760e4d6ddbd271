import * as programs from './program-options.ts';
import type { ShellWord } from './shell-words.ts';

/** Where what a command runs is told. */
export interface RunsListener {
  command(words: readonly ShellWord[], text: string): void;
  unclear(text: string, why: string): void;
  /** Another shell line that it runs. */
  line(text: string): void;
  /** It works in another folder from here on. */
  moved(): void;
}

/** The command as it is written, and where to tell what it runs. */
interface Command {
  words: readonly ShellWord[];
  args: readonly ShellWord[];
  text: string;
  to: RunsListener;
}

/**
 * Tells what one simple command runs: itself, and through those programs that run others, these. Of a program that is not known here
 * its words are all there is to say.
 */
export function tellRuns(words: readonly ShellWord[], text: string, to: RunsListener): void {
  const [name, ...args] = words;
  if (!name) return;
  const unknown = words.find((word) => word.unknown !== null);
  if (unknown) to.unclear(text, `of ${cut(unknown.text)}: ${unknown.unknown}`);
  if (name.unknown !== null) return;
  const command = { words, args, text, to };
  // Disks that do not tell capitals apart run `SUDO`, too; and what lies elsewhere is not what its name says.
  const program = name.text.slice(name.text.lastIndexOf('/') + 1).toLowerCase();
  if (program !== name.text) to.command(words, text);
  const teller = tellers[program] ?? TELLERS_BY_PATTERN.find(([pattern]) => pattern.test(program))?.[1] ?? tellPlain;
  if (programs.RESERVED.has(name.text) && name.text !== 'time')
    to.unclear(text, `${name.text} stands where a command begins`);
  else if (/=|\$\?/.test(name.text)) to.unclear(text, 'it may be a variable that is set, or no name of a command');
  else teller(command, program);
}

type Teller = (command: Command, program: string) => void;

function tellPlain({ words, args, text, to }: Command, program: string): void {
  to.command(words, text);
  const option = args.find((arg) => programs.RUNNING_OPTIONS[program]?.test(arg.text));
  if (option) to.unclear(text, `${program} ${cut(option.text)} may run or write what its words do not say`);
}

const tellWhatItIsTold: Teller = ({ words, text, to }, program) => {
  to.command(words, text);
  to.unclear(text, `${program} runs what it is told to`);
};

/** Finds where the other program's words begin; null where an option is not known, or a word is not. */
function behindOptions(args: readonly ShellWord[], own: programs.OwnOptions): readonly ShellWord[] | null {
  let at = 0;
  for (; at < args.length; at++) {
    const { text, unknown } = args[at]!;
    if (unknown !== null) return null;
    if (!text.startsWith('-') || text === '-') break;
    if (text === '--') {
      at++;
      break;
    }
    if (own.valued?.test(text)) at++;
    else if (!own.alone.test(text)) return null;
  }
  for (const operand of own.operands ?? []) {
    const word = args[at++];
    if (!word || word.unknown !== null || !operand.test(word.text)) return null;
  }
  return args.slice(at);
}

const tellPassedOn: Teller = ({ words, args, text, to }, program) => {
  // It only says what a name stands for.
  if (program === 'command' && /^-[vV]$/.test(args[0]?.text ?? '')) return to.command(words, text);
  const inner = behindOptions(args, programs.PASSES_ON[program]!);
  if (inner && inner.length > 0) return tellRuns(inner, text, to);
  to.command(words, text);
  if (!inner) to.unclear(text, `what ${program} runs cannot be told from its words`);
};

const tellAnother: Teller = ({ words, args, text, to }, program) => {
  to.command(words, text);
  const inner = behindOptions(args, programs.RUNS_ANOTHER[program]!);
  if (inner && inner.length > 0) tellRuns(inner, text, to);
  else to.unclear(text, `what ${program} runs cannot be told from its words`);
};

/** Its words are what a person allows, so that what they launch adds nothing to them but what is unclear about it. */
const tellLaunched: Teller = ({ words, args, text, to }, program) => {
  tellPlain({ words, args, text, to }, program);
  const [command] = args;
  if (command && !programs.LAUNCHES[program]!.test(command.text)) return;
  const inner = args.slice(programs.LAUNCHES[program]!.test('') ? 0 : 1);
  const at = inner.findIndex((arg) => !arg.text.startsWith('-'));
  if (at !== -1) tellRuns(inner.slice(at), text, { ...to, command: () => undefined });
};

const tellEnv: Teller = ({ words, args, text, to }) => {
  const at = args.findIndex(({ text: word, unknown }) => unknown !== null || !/^\w+=/.test(word));
  const [settings, inner] = at === -1 ? [args, []] : [args.slice(0, at), args.slice(at)];
  for (const { text: setting } of settings) tellSetting(setting, text, to);
  if (inner[0]?.text.startsWith('-') || inner.length === 0) to.command(words, text);
  if (inner[0]?.text.startsWith('-')) to.unclear(text, 'what env runs cannot be told from its words');
  else tellRuns(inner, text, to);
};

/** A variable as it is set for a command. @param setting `NAME=value`, without quotes. */
export function tellSetting(setting: string, text: string, to: Pick<RunsListener, 'unclear'>): void {
  const [, name = setting, value = ''] = /^(\w+)=(.*)$/s.exec(setting) ?? [];
  if (programs.HARMLESS_VARIABLES.has(name) && programs.HARMLESS_VALUE.test(value)) return;
  to.unclear(text, `${cut(name)} may change what runs`);
}

const tellXargs: Teller = ({ words, args, text, to }) => {
  to.command(words, text);
  const inner = behindOptions(args, programs.XARGS);
  if (inner) tellRuns(inner, text, to);
  to.unclear(text, 'xargs gives its command words that are known only when it runs');
};

const tellFind: Teller = ({ words, args, text, to }) => {
  to.command(words, text);
  args.forEach(({ text: word }, at) => {
    if (/^-(exec|ok)(dir)?$/.test(word)) {
      const end = args.findIndex((arg, index) => index > at && (arg.text === ';' || arg.text === '+'));
      tellRuns(args.slice(at + 1, end === -1 ? undefined : end), text, to);
      to.unclear(text, 'find gives its command names that are known only when it runs');
    }
    if (/^-(delete|fls|fprint.*)$/.test(word)) to.unclear(text, `find ${word} changes files`);
  });
};

const tellShell: Teller = ({ words, args, text, to }, program) => {
  let code = false;
  let at = 0;
  for (; at < args.length && /^[-+]./.test(args[at]!.text); at++) {
    const option = args[at]!.text;
    if (/^-[euxv]*o$/.test(option)) at++;
    else if (option !== '--version' && !/^-[ceuxv]+$/.test(option)) {
      to.command(words, text);
      return to.unclear(text, `${program} ${cut(option)} may run more than its words say`);
    }
    code ||= /^-\w*c/.test(option);
  }
  const operand = args[at];
  if (code && operand && operand.unknown === null) return to.line(operand.text);
  to.command(words, text);
  if (code || !operand || programs.STANDARD_INPUT.test(operand.text))
    to.unclear(text, `${program} runs what it is given at the time`);
};

const tellEval: Teller = ({ words, args, text, to }) => {
  const parts = args[0]?.text === '--' ? args.slice(1) : args;
  if (parts.every(({ unknown }) => unknown === null)) to.line(parts.map((part) => part.text).join(' '));
  else to.command(words, text);
};

const tellTrap: Teller = ({ args, text, to }) => {
  const [action, ...signals] = args;
  if (!action || action.unknown !== null || (action.text.startsWith('-') && action.text !== '-'))
    to.unclear(text, 'what the trap runs cannot be told');
  else if (signals.length > 0 && action.text !== '-') to.line(action.text);
};

const tellInterpreter: Teller = ({ words, args, text, to }, program) => {
  to.command(words, text);
  const harmless = programs.INTERPRETERS[program] ?? programs.INTERPRETERS[program.replace(/(js)?[\d.]+$|js$/, '')]!;
  let asks = false;
  for (const { text: word } of args) {
    if (program.startsWith('python') && word === '-m') return;
    if (programs.STANDARD_INPUT.test(word)) break;
    if (!word.startsWith('-')) return;
    if (!harmless.test(word)) return to.unclear(text, `${program} ${cut(word)} runs code of its own`);
    asks ||= /^(-[vVh]|--version|--help|--test)$/.test(word);
  }
  if (!asks) to.unclear(text, `${program} runs the code that it is given at the time`);
};

const tellAwk: Teller = ({ words, args, text, to }) => {
  to.command(words, text);
  const rest = args[0]?.text === '-F' ? args.slice(2) : args[0]?.text.startsWith('-F') ? args.slice(1) : args;
  const [program, ...files] = rest;
  const harmless = program && !program.text.startsWith('-') && programs.HARMLESS_AWK.test(program.text);
  if (!harmless || files.some(({ text: file }) => file.startsWith('-')))
    to.unclear(text, 'awk runs a program of its own');
};

const tellSed: Teller = ({ words, args, text, to }) => {
  to.command(words, text);
  const options = args.filter(({ text: word }) => word.startsWith('-'));
  const script = args.find(({ text: word }) => !word.startsWith('-'));
  const known = options.every(({ text: word }) => /^-[nErsuzi]+$/.test(word));
  if (!known || !script || !programs.HARMLESS_SED.test(script.text)) to.unclear(text, 'sed runs a program of its own');
};

const tellGit: Teller = ({ words, args, text, to }) => {
  to.command(words, text);
  const at = args.findIndex(({ text: word }) => !programs.HARMLESS_GIT_OPTION.test(word));
  const [command, ...rest] = at === -1 ? [] : args.slice(at);
  if (!command) return;
  const option = command.text.startsWith('-') ? command : rest.find(({ text: word }) => runsOfGit(word));
  if (option) to.unclear(text, `git ${cut(option.text)} may run or write what its words do not say`);
  if (programs.RUNNING_GIT_COMMANDS.has(command.text)) to.unclear(text, `git ${command.text} runs what it is told to`);
};

function runsOfGit(word: string): boolean {
  if (/^-[Ox]|^[\w+.-]+::\S*$/.test(word)) return true;
  const [, name = ''] = /^--([a-z-]{2,})/.exec(word) ?? [];
  return name !== '' && programs.RUNNING_GIT_OPTIONS.some((option) => option.startsWith(name));
}

const tellShellChange: Teller = ({ words, text, to }, program) => {
  to.command(words, text);
  to.unclear(text, `${program} may change what the rest of the line does`);
};

const tellSet: Teller = (command, program) => {
  if (command.args.length === 0 || !command.args.every(({ text }) => programs.HARMLESS_SET.test(text)))
    tellShellChange(command, program);
};

const tellTest: Teller = ({ args, text, to }) => {
  // Of all that `test` can ask, only these look into variables, whose names may hold a command to run.
  if (args.some((arg) => /^-[vR]$/.test(arg.text))) to.unclear(text, 'it may evaluate its words');
};

const tellPrintf: Teller = (command, program) => {
  if (command.args[0]?.text.startsWith('-')) tellShellChange(command, program);
  else tellPlain(command, program);
};

const tellMove: Teller = (command, program) => {
  command.to.moved();
  tellPlain(command, program);
};

const tellNothing: Teller = () => undefined;

function tellersOf(names: Iterable<string>, teller: Teller): Record<string, Teller> {
  return Object.fromEntries([...names].map((name) => [name, teller]));
}

// No prototype: a program may be called `constructor`.
const tellers: Record<string, Teller> = Object.assign(Object.create(null), {
  ...tellersOf(Object.keys(programs.PASSES_ON), tellPassedOn),
  ...tellersOf(Object.keys(programs.RUNS_ANOTHER), tellAnother),
  ...tellersOf(Object.keys(programs.LAUNCHES), tellLaunched),
  ...tellersOf(programs.RUNS_WHAT_IT_IS_TOLD, tellWhatItIsTold),
  ...tellersOf(programs.CHANGES_THE_SHELL, tellShellChange),
  ...tellersOf(programs.STEERS, tellNothing),
  ...tellersOf(['sh', 'bash', 'dash', 'rbash'], tellShell),
  ...tellersOf(['awk', 'gawk', 'mawk', 'nawk', 'original-awk'], tellAwk),
  ...tellersOf(['sed', 'gsed'], tellSed),
  ...tellersOf(['cd', 'pushd', 'popd'], tellMove),
  env: tellEnv,
  xargs: tellXargs,
  find: tellFind,
  eval: tellEval,
  trap: tellTrap,
  git: tellGit,
  set: tellSet,
  test: tellTest,
  '[': tellTest,
  printf: tellPrintf,
});

const TELLERS_BY_PATTERN: [RegExp, Teller][] = [
  [
    /^(python|pypy|perl|ruby|php|lua|luajit|node|nodejs)[\d.]*$|^(rscript|tclsh|elixir|julia|tsx|ts-node)$/,
    tellInterpreter,
  ],
];

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
