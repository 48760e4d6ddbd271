/** Languages by the end of a file's name, where that is not an alias of the language already, as `ts` and `py` are. */
const BY_EXTENSION: Record<string, string> = {
  cs: 'csharp',
  h: 'c',
  hh: 'cpp',
  htm: 'xml',
  kts: 'kotlin',
  mts: 'typescript',
  cts: 'typescript',
  pyi: 'python',
  pyw: 'python',
  toml: 'ini',
  editorconfig: 'ini',
  env: 'bash',
  markdown: 'markdown',
  svg: 'xml',
  vue: 'xml',
};

/** The language of a file, by its name; empty where it has none that could tell. */
export function languageOfFile(path: string): string {
  const name = path.split(/[\\/]/).at(-1)?.toLowerCase() ?? '';
  if (name === 'dockerfile') return 'dockerfile';
  const extension = /\.([\w-]{1,20})$/.exec(name)?.[1] ?? '';
  return BY_EXTENSION[extension] ?? extension;
}

/** A unified diff, as git and patch write it. */
export function isUnifiedDiff(text: string): boolean {
  return /^--- [^\n]*\n\+\+\+ [^\n]*\n@@ -\d/m.test(text.slice(0, 4000)) || /^diff --git a\//.test(text);
}
