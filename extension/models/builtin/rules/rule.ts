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

/** The gravest first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** `js` stands for JavaScript and TypeScript alike. */
export type Language = 'js' | 'py';

/** What a line may look like. */
export interface Pattern {
  title: string;
  languages: readonly Language[];
  /** Both a Rust regex (for the grep tool) and a JavaScript one (to tell which pattern a line met): no look-around, no inline flags. */
  pattern: string;
}

/** One line of a finder's table. */
export interface Rule extends Pattern {
  severity: Severity;
  /** The rule looks at the lines that follow too, as far as the indentation says that they belong; it is dropped when this matches there. */
  unlessBlock?: RegExp;
}

export interface PatternTable<P extends Pattern> {
  ignoreCase: boolean;
  rules: readonly P[];
}

export type RuleTable = PatternTable<Rule>;

/** The rules of a table that match a line. */
export function matchingRules<P extends Pattern>(table: PatternTable<P>, language: Language, text: string): P[] {
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
