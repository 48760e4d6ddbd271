import { type FocusEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Icon } from '../icon.tsx';
import { moveFocus } from '../steer/menu.tsx';
import { useTree } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';
import { type Choice, choicesOf, KIND_WORDS } from './choices.ts';
import { type Filter, isFiltering, toggled } from './filter.ts';

const KINDS: readonly (keyof Filter)[] = ['states', 'phases', 'models'];

/** The funnel, with all that can be filtered by below it: arrows move, Enter and Space check, Escape and a look elsewhere close it. */
export function FilterMenu() {
  const [open, setOpen] = useState(false);
  const active = useViewState((state) => isFiltering(state.filter));
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    setOpen(false);
    button.current?.focus();
  };
  const onBlur = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears that the focus left what is in it.
    <div className="menu" onBlur={onBlur} onKeyDown={open ? onKeyDown : undefined}>
      <button
        type="button"
        ref={button}
        className="icon-button"
        aria-label="Filter"
        title="Filter by state, phase and model"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => event.key === 'ArrowDown' && setOpen(true)}
      >
        <Icon name={active ? 'filter-filled' : 'filter'} />
      </button>
      {open && <Choices id={id} />}
    </div>
  );
}

function Choices({ id }: { id: string }) {
  const tree = useTree();
  const filter = useViewState((state) => state.filter);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.querySelector('button')?.focus(), []);
  const choices = choicesOf(tree, filter);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!moveFocus(list.current, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      className="menu-list filter-menu"
      role="menu"
      id={id}
      aria-label="Filter"
      tabIndex={-1}
      ref={list}
      onKeyDown={onKeyDown}
    >
      {KINDS.map((kind) => (
        <ChoicesOfKind key={kind} kind={kind} choices={choices.filter((choice) => choice.kind === kind)} />
      ))}
      {choices.length === 0 && <p className="quiet">There is nothing to filter yet.</p>}
    </div>
  );
}

function ChoicesOfKind({ kind, choices }: { kind: keyof Filter; choices: Choice[] }) {
  const view = useView();
  if (choices.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand in a menu.
    <div role="group" aria-label={KIND_WORDS[kind]}>
      <p className="filter-kind" aria-hidden="true">
        {KIND_WORDS[kind]}
      </p>
      {choices.map(({ value, word, icon, count, chosen }) => (
        <button
          key={value}
          type="button"
          role="menuitemcheckbox"
          aria-checked={chosen}
          tabIndex={-1}
          onClick={() => view.change({ filter: toggled(view.state.filter, kind, value) })}
        >
          <Icon name={chosen ? 'check' : 'blank'} />
          <span className={kind === 'states' ? `filter-state is-${value}` : 'filter-state'}>
            <Icon name={icon} />
          </span>
          <span className="filter-word">{word}</span>
          <span className="filter-count">{count}</span>
        </button>
      ))}
    </div>
  );
}
