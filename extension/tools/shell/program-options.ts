/**
 * What programs do beside what their names say: data, for `command-runs.ts`. It errs on the side of caution: an option that is not
 * listed as harmless may run a program of its own.
 */

/** How a program that runs another one takes its own options, before the words of that other one. */
export interface OwnOptions {
  /** Options that stand alone. */
  alone: RegExp;
  /** Options with a value as the next word. */
  valued?: RegExp;
  /** How each word before the other program looks. */
  operands?: RegExp[];
}

const NONE = /^$/;

/** These change nothing of what the program behind them does, so that it alone is what runs. */
export const PASSES_ON: Readonly<Record<string, OwnOptions>> = {
  time: { alone: /^-p$/ },
  nohup: { alone: NONE },
  builtin: { alone: NONE },
  command: { alone: /^-p$/ },
  exec: { alone: /^-[cl]+$/, valued: /^-a$/ },
  nice: { alone: /^(-n?-?\d+|--adjustment=-?\d+)$/, valued: /^(-n|--adjustment)$/ },
  stdbuf: { alone: /^(-[ioe][0-9A-Z]+|--(input|output|error)=\w+)$/, valued: /^-[ioe]$/ },
  timeout: {
    alone: /^(-[ks][\w.]+|--(kill-after|signal)=[\w.]+|--preserve-status|--foreground|--verbose|-v)$/,
    valued: /^(-k|-s|--kill-after|--signal)$/,
    operands: [/^\d+(\.\d+)?[smhd]?$/],
  },
};

/** These are something by themselves: they and what they run both count. */
export const RUNS_ANOTHER: Readonly<Record<string, OwnOptions>> = {
  sudo: { alone: /^-[nEHSkA]+$/, valued: /^-[ug]$/ },
  doas: { alone: /^-n$/, valued: /^-u$/ },
};

/** They launch what a package brings: by which word of theirs; one that fits the empty text, by themselves. */
export const LAUNCHES: Readonly<Record<string, RegExp>> = {
  bundle: /^exec$/,
  bunx: /^/,
  npx: /^/,
  pipenv: /^run$/,
  pnpm: /^(exec|dlx)$/,
  pnpx: /^/,
  poetry: /^run$/,
  uv: /^run$/,
  uvx: /^/,
  yarn: /^(exec|dlx)$/,
};

/** Its program gets words that come from somewhere else. */
export const XARGS: OwnOptions = {
  alone:
    /^(-[0rtx]+|-[nPLIsdE].+|--(null|no-run-if-empty|verbose|exit)|--(max-args|max-procs|max-lines|replace|delimiter)=.+)$/,
  valued: /^-[nPLIsdEa]$/,
};

/** They run other programs, or whole lines, by rules of their own. */
export const RUNS_WHAT_IT_IS_TOLD = new Set(
  `ash at batch busybox chroot chrt crontab csh docker emacs emacsclient entr ed ex expect fakeroot fish flatpak flock gdb
  hyperfine ionice kubectl ksh less lldb ltrace more mksh nano nsenter nvim osascript parallel pkexec podman powershell proot pwsh rlwrap
  run-parts runuser screen script setarch setpriv setsid ssh start-stop-daemon strace su systemd-run taskset tcsh tmux toybox unbuffer
  unshare valgrind vi view vim vimdiff watch wsl xterm zsh`
    .split(/\s+/)
    .filter(Boolean),
);

/** Builtins after which the rest of the line may mean something else, or that evaluate their words a second time. */
export const CHANGES_THE_SHELL = new Set(
  `. alias bind compgen complete compopt declare disown enable export fc getopts hash history let local logout mapfile read readarray
  readonly shift shopt source suspend typeset unalias unset wait`
    .split(/\s+/)
    .filter(Boolean),
);

/** They mean something only as the first word of a command; there, a text that has them was not understood. */
export const RESERVED = new Set(
  '! { } [[ ]] if then elif else fi for while until do done case esac in select function coproc time'.split(' '),
);

/** They steer the line and touch nothing. */
export const STEERS = new Set(['true', 'false', ':', 'exit', 'return', 'break', 'continue']);

/** `set -euo pipefail` and the like: they make a line stricter or louder, not different. */
export const HARMLESS_SET = /^([-+][euxv]+o?|[-+]o|errexit|nounset|pipefail|xtrace|verbose)$/;

/** Variables that programs only take hints from, and values that name nothing. */
export const HARMLESS_VARIABLES = new Set(
  'CI NODE_ENV FORCE_COLOR NO_COLOR TZ LANG LC_ALL COLUMNS RUST_BACKTRACE PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE'.split(
    ' ',
  ),
);
export const HARMLESS_VALUE = /^[\w.-]*$/;

/** Interpreters, and those of their options that run nothing: with any other, or without a file, they run what is no file of its own. */
export const INTERPRETERS: Readonly<Record<string, RegExp>> = {
  python: /^(-[VuBEsSIbOqh]+|--version|--help)$/,
  pypy: /^(-[VuBEsSIbOqh]+|--version|--help)$/,
  node: /^(-[vhc]|--(version|help|check|test|no-warnings|enable-source-maps)|--(max-old-space-size|test-name-pattern)=.*)$/,
  perl: /^(-[vwc]|--version|--help)$/,
  ruby: /^(-[vwch]|--version|--help)$/,
  php: /^(-[vlh]|--version|--help)$/,
  lua: /^-v$/,
  luajit: /^-v$/,
  julia: /^(-[vh]|--version|--help)$/,
  rscript: /^--(version|help|vanilla)$/,
  tclsh: NONE,
  elixir: /^(-v|--version|--help)$/,
  tsx: /^(-[vh]|--version|--help)$/,
  'ts-node': /^(-[vh]|--version|--help)$/,
};
/** Ways to say "standard input" in place of a file. */
export const STANDARD_INPUT = /^(-|\/dev\/(stdin|fd\/.*)|\/proc\/.*)$/;

/** Options by which a program runs another one, or writes where its name does not let expect it. */
export const RUNNING_OPTIONS: Readonly<Record<string, RegExp>> = {
  bun: /^(-[ep]|--eval|--print|--preload|-r)/,
  cargo: /^--config/,
  cmake: /^-[PEDC]/,
  curl: /^(-[a-zA-Z]*K|--config)/,
  dc: /^(-e|--expression|!)/,
  deno: /^(eval|repl|-|--)/,
  gcc: /^(-wrapper|-B|-fplugin|-specs|@)/,
  go: /^(-exec|-toolexec|-vettool|-ldflags|-overlay|generate$)/,
  jest: /^--(config|globalSetup|transform|runner|testRunner)/,
  make: /^(--eval|[\w-]+\+?[:?!]?=)|^-[a-zA-Z]*[IEf]|^--(file|makefile|include-dir)/,
  man: /^-[a-zA-Z]*[PHCM]|^--(pager|html|config-file)/,
  npm: /^(-c$|--call|--script-shell|--node-options|--prefix|--userconfig|--globalconfig|--shell)/,
  npx: /^(-c$|--call|--script-shell|--shell)/,
  rg: /^--(pre|hostname-bin)/,
  rsync: /^(-[a-zA-Z]*e|--rsh|--rsync-path)/,
  sort: /^(-[a-zA-Z]*[oT]|--(comp|out))/,
  split: /^--filter/,
  tar: /^(--(to-c|checkpoint-a|use-c|rsh|info|new-v)|-?[a-zA-Z]*[IF])/,
  tcpdump: /^-z/,
  zip: /^(-TT|--unzip-command)/,
};

/** Options of git that stand before its command and change nothing. */
export const HARMLESS_GIT_OPTION = /^(--no-pager|-P|--no-optional-locks|--literal-pathspecs|--version|--help)$/;
/** Long options behind its command that run a program or write a file; git takes any clear beginning of them. */
export const RUNNING_GIT_OPTIONS = [
  'exec',
  'ext-diff',
  'extcmd',
  'open-files-in-pager',
  'output',
  'output-directory',
  'receive-pack',
  'textconv',
  'tool',
  'upload-pack',
  'config',
  'template',
  'strategy',
];
/** Commands of git that run others, or set what later ones do. */
export const RUNNING_GIT_COMMANDS = new Set(
  'bisect config daemon difftool filter-branch for-each-repo hook http-backend mergetool rebase send-email submodule upload-pack web--browse'.split(
    ' ',
  ),
);

/** Programs of `awk` and `sed` that only print and replace; both languages can run programs and write files. */
export const HARMLESS_AWK = /^(?!.*(system|getline|close|fflush))[^|>@&\\]*$/s;
export const HARMLESS_SED =
  /^((\d+|\$|\/[^/\\\n]*\/)(,(\d+|\$|\/[^/\\\n]*\/))?!?[pdq=]|s([/|#,:])(?:(?!\5)[^\\\n]|\\[^\n])*\5(?:(?!\5)[^\\\n]|\\[^\n])*\5[gpiI\d]*)$/;
