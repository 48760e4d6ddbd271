import { MODEL_ALIASES } from './model-table.ts';

/** The names that scripts may use for models. */
export const ALIASES = ['opus', 'sonnet', 'haiku'] as const;
export type Alias = (typeof ALIASES)[number];

/** What they stand for where it is not the newest of each. */
export type AliasOverrides = Partial<Record<Alias, string>>;

/**
 * Turns what a script calls a model into its name.
 * @param rename How the other side calls a model whose name is Anthropic's own.
 */
export function aliasResolver(
  overrides: AliasOverrides = {},
  rename: (name: string) => string = (name) => name,
): (name: string) => string {
  return (name) => {
    const alias = ALIASES.find((known) => known === name);
    return (alias && overrides[alias]) || rename(alias ? MODEL_ALIASES[alias]! : name);
  };
}
