import { Icon } from '../icon.tsx';
import { useView, useViewState } from '../view-state.ts';
import { type Choice, chosenOf, KIND_WORDS } from './choices.ts';
import { EMPTY_FILTER, toggled } from './filter.ts';

/** What is filtered by, each with the way to take it away. */
export function FilterChips() {
  const view = useView();
  const filter = useViewState((state) => state.filter);
  const remove = ({ kind, value }: Choice) => view.change({ filter: toggled(filter, kind, value) });
  return (
    <ul className="filter-chips" aria-label="Filters">
      {chosenOf(filter).map((choice) => (
        <li key={`${choice.kind} ${choice.value}`}>
          <Chip choice={choice} onClick={() => remove(choice)} />
        </li>
      ))}
      <li>
        <button type="button" className="link" onClick={() => view.change({ filter: EMPTY_FILTER })}>
          Clear
        </button>
      </li>
    </ul>
  );
}

function Chip({ choice: { kind, value, word, icon }, onClick }: { choice: Choice; onClick(): void }) {
  const what = `${KIND_WORDS[kind]}: ${word}`;
  return (
    <button
      type="button"
      className={`filter-chip${kind === 'states' ? ` is-${value}` : ''}`}
      aria-label={`${what}, remove this filter`}
      title={`${what} (click to remove)`}
      onClick={onClick}
    >
      <Icon name={icon} />
      <span className="filter-word">{word}</span>
      <Icon name="close" className="filter-remove" />
    </button>
  );
}
