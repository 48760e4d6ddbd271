/**
 * Whether a pattern fits a text, item by item, where each `star` stands for any number of items. It goes back to the last star alone, so
 * that it takes no longer than both lengths multiplied, whatever a rule or a path looks like.
 */
export function fits<P, T>(
  pattern: readonly P[],
  text: readonly T[],
  star: P,
  isOne: (expected: P, item: T) => boolean,
): boolean {
  let at = 0;
  let behindStar: number | null = null;
  /** How much of the text the last star takes. */
  let taken = 0;
  for (let index = 0; index < text.length; ) {
    if (at < pattern.length && pattern[at] === star) {
      behindStar = ++at;
      taken = index;
    } else if (at < pattern.length && isOne(pattern[at]!, text[index]!)) {
      at++;
      index++;
    } else if (behindStar !== null) {
      at = behindStar;
      index = ++taken;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((rest) => rest === star);
}

/** A glob for a path: `**` for any folders, `*` for any characters of a name, `?` for one. Both with forward slashes. */
export function globFits(glob: string, path: string): boolean {
  return fits(glob.split('/'), path.split('/'), '**', nameFits);
}

/** Whether a glob may fit something below a folder, also as other capitals would be the same. @param folder `.` for the workspace. */
export function mayFitBelow(glob: string, folder: string): boolean {
  const names = folded(glob).split('/');
  const parts = folder === '.' ? [] : folded(folder).split('/');
  const different = parts.findIndex((part, at) => names[at] === '**' || !nameFits(names[at] ?? '', part));
  // What lies in a folder that fits as a whole is meant, too.
  return different === -1 || different >= names.length || names[different] === '**';
}

function nameFits(name: string, part: string): boolean {
  // Most names of a rule are just that, and searches ask of every file.
  if (!name.includes('*') && !name.includes('?')) return name === part;
  return fits([...name], [...part], '*', (expected, char) => expected === '?' || expected === char);
}

/** A text as file systems compare names that do not tell capitals apart. */
export function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
