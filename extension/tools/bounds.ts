/**
 * What a person's rules leave to one tool call that may be done. A tool asks this of each file when it comes to it, for a folder that a
 * call goes through may hold what a rule keeps back, and what a name leads to may be another file by now than when the call was allowed.
 * Paths are relative to the workspace, with forward slashes and every link in them resolved.
 */
export interface Bounds {
  /** Whether the call may touch this: what it said it would, or what lies below such a folder and no rule keeps back. */
  holds(path: string, access: 'read' | 'write'): boolean;
  /** Whether a rule may keep back something below this folder. */
  narrows(folder: string, access: 'read' | 'write'): boolean;
  /** Whether the call may touch something below this folder that it named itself, although the folder is kept back. */
  opens(folder: string, access: 'read' | 'write'): boolean;
  /** By what rules keep something back: `**` for any folders, `*` and `?` within a name, and all that lies in what fits, whatever its capitals. */
  globs(access: 'read' | 'write'): readonly string[];
  /** Hosts that programs may reach from within their sandbox, `*.` before one for those below it. */
  hosts: readonly string[];
}

/** Of files that a call came to, those that it may read, and how many others there are. @param bounds Absent: none are kept back. */
export function keptApart(paths: readonly string[], bounds: Bounds | undefined): { free: string[]; keptBack: number } {
  const free = bounds ? paths.filter((path) => bounds.holds(path, 'read')) : [...paths];
  return { free, keptBack: paths.length - free.length };
}

/** A remark for the model on what was left out; null where nothing was. It says no names, and how many has to be the same whatever was asked for. */
export function keptBackNote(count: number): string | null {
  if (count === 0) return null;
  return `(left out ${count} ${count === 1 ? 'file' : 'files'} that rules keep back)`;
}
