import type { Target } from '../../protocol/permissions.ts';

type FileTarget = Extract<Target, { kind: 'path' }>;
type Access = FileTarget['access'];
/** What a program does with the files that its words name. @param at Of the word among them, of `count` in all. */
type Use = (at: number, count: number) => readonly Access[];

const READ: readonly Access[] = ['read'];
const WRITE: readonly Access[] = ['write'];
const BOTH: readonly Access[] = ['read', 'write'];
const NONE: readonly Access[] = [];

const reads: Use = () => READ;
const writes: Use = () => WRITE;
/** The first word is a pattern, a program or a mode. */
const readsRest: Use = (at) => (at === 0 ? NONE : READ);
const writesRest: Use = (at) => (at === 0 ? NONE : WRITE);
const copies: Use = (at, count) => (at === count - 1 ? WRITE : READ);
const moves: Use = (at, count) => (at === count - 1 ? WRITE : BOTH);

/** By program. One that is not here is told by its words alone; the sandbox holds whatever it does. */
const USES = new Map<string, Use>(
  (
    [
      [
        `base32 base64 bat cat cksum cmp column comm cut diff du expand file fmt fold head hexdump join less ls md5sum more nl od paste
        pr readlink realpath rev sdiff sha1sum sha224sum sha256sum sha384sum sha512sum shuf sort stat strings sum tac tail tree tsort
        unexpand uniq wc xxd xzcat zcat`,
        reads,
      ],
      ['awk egrep fgrep gawk grep jq mawk rg sed yq zgrep', readsRest],
      ['mkdir mkfifo rm rmdir shred tee touch truncate unlink', writes],
      ['chgrp chmod chown', writesRest],
      ['cp install ln rsync', copies],
      ['mv', moves],
      ['find', reads],
    ] as const
  ).flatMap(([names, use]) => names.split(/\s+/).map((name) => [name, use] as const)),
);

/**
 * Files that the words of a command name, as far as the program is known: for rules alone to go by, so that a word too many does little
 * harm. A value of an option counts as a file as well.
 * @param words Of one simple command, its name first. Paths are as they are written.
 */
export function fileWords([name = '', ...args]: readonly string[]): FileTarget[] {
  const program = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  if (program === 'dd') return args.flatMap(ofDd);
  const use = USES.get(program);
  if (!use) return [];
  const end = args.indexOf('--');
  const isOption = (word: string, at: number): boolean =>
    word.startsWith('-') && word !== '-' && (end === -1 || at <= end);
  const options = args.filter(isOption);
  const operands = args.filter((word, at) => !isOption(word, at));
  const given = options.flatMap((word) => /^--?[\w-]+=(.+)$/s.exec(word)?.[1] ?? []);
  // Where a pattern is given as an option, no operand is one.
  const patternless = options.some((word) =>
    /^(-[a-zA-Z]*[ef]|--(regexp|file|expression|from-file|reference))/.test(word),
  );
  const inPlace = /^g?sed$/.test(program) && options.some((word) => /^(-[a-zA-Z]*i|--in-place)/.test(word));
  const accesses = (at: number): readonly Access[] => {
    const own = use(at, operands.length);
    if (patternless && own === NONE) return use === writesRest ? WRITE : READ;
    return inPlace && own === READ ? BOTH : own;
  };
  return [
    ...operands.flatMap((path, at) => accesses(at).map((access) => asTarget(path, access))),
    ...given.map((path) => asTarget(path, 'read')),
  ];
}

function ofDd(word: string): FileTarget[] {
  const [, side, path] = /^(if|of)=(.+)$/s.exec(word) ?? [];
  return path === undefined ? [] : [asTarget(path, side === 'if' ? 'read' : 'write')];
}

function asTarget(path: string, access: Access): FileTarget {
  return { kind: 'path', path, access, word: true };
}
