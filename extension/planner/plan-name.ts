const LONGEST = 48;

/** A name as folders and command lines take it, such as `audit-error-handling`; `workflow` where nothing of the text is left. */
export function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return trimmed(plain.replace(/^-+/, '').slice(0, LONGEST)) || 'workflow';
}

/** The name itself where it is free, else with the first number from 2 that makes it so. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${trimmed(name.slice(0, LONGEST - 5))}-${number}`;
    if (!isTaken(candidate)) return candidate;
  }
}

function trimmed(text: string): string {
  return text.replace(/-+$/, '');
}
