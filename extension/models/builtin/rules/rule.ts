/** What the analyst looks for, and what `bug-sweep` names its findings by. */
export const LENSES = [
  'secrets',
  'injection',
  'dangerous-calls',
  'swallowed-errors',
  'resource-leaks',
  'weak-crypto',
] as const;
export type Lens = (typeof LENSES)[number];

export type Severity = 'critical' | 'high' | 'medium' | 'low';

/** `js` stands for JavaScript and TypeScript alike. */
export type Language = 'js' | 'py';

/** One line of a finder's table. */
export interface Rule {
  title: string;
  severity: Severity;
  languages: readonly Language[];
  /** Both a Rust regex (for the grep tool) and a JavaScript one (to tell which rule a line met): no look-around, no inline flags. */
  pattern: string;
  /** The rule looks at the lines that follow too, as far as the indentation says that they belong; it is dropped when this matches there. */
  unlessBlock?: RegExp;
}

export interface RuleTable {
  ignoreCase: boolean;
  rules: readonly Rule[];
}

/** The rules of a table that match a line. */
export function matchingRules(table: RuleTable, language: Language, text: string): Rule[] {
  return table.rules.filter(
    (rule) => rule.languages.includes(language) && new RegExp(rule.pattern, table.ignoreCase ? 'i' : '').test(text),
  );
}

const EXTENSIONS: readonly (readonly [RegExp, Language])[] = [
  [/\.[cm]?[jt]sx?$/, 'js'],
  [/\.pyw?$/, 'py'],
];

/** Undefined for a file that the analyst cannot read. */
export function languageOf(path: string): Language | undefined {
  return EXTENSIONS.find(([ending]) => ending.test(path))?.[1];
}
