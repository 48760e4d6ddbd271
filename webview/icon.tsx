import { type CellState, LOOKS } from './states.ts';

/** A codicon, for the eye alone: what it means stands beside it in words. */
export function Icon({ name, className = '' }: { name: string; className?: string }) {
  return <i className={`codicon codicon-${name} ${className}`} aria-hidden="true" />;
}

/** The icon of a state with its word for those who do not see it. */
export function StateIcon({ state, word }: { state: CellState; word?: string }) {
  return (
    <span className={`state-icon is-${state}`}>
      <Icon name={LOOKS[state].icon} />
      <span className="unseen">{word ?? LOOKS[state].word}</span>
    </span>
  );
}
