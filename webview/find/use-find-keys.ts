import { useEffect } from 'react';
import { useView } from '../view-state.ts';
import { useFind } from './found.ts';

/** The keys of the search, wherever the focus is: those of VS Code, and `/` where it types nothing. */
export function useFindKeys(): void {
  const view = useView();
  const find = useFind();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isIn(event.target, 'dialog')) return;
      if (asksForSearch(event)) view.openSearch();
      else if (!asksForNext(event)) return;
      else if (view.state.search === null) view.openSearch();
      else find.walk(event.shiftKey ? -1 : 1);
      event.preventDefault();
      event.stopPropagation();
    };
    // Before all others: the tree takes every sign for the beginning of a name.
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, [view, find]);
}

function asksForSearch(event: KeyboardEvent): boolean {
  const { key, altKey, shiftKey, target } = event;
  const control = event.ctrlKey || event.metaKey;
  if (key.toLowerCase() === 'f') return control && !altKey && !shiftKey;
  return key === '/' && !control && !altKey && !isIn(target, 'input, textarea, select, [contenteditable]');
}

function asksForNext({ key, metaKey, ctrlKey, altKey }: KeyboardEvent): boolean {
  return (key === 'F3' && !ctrlKey && !metaKey && !altKey) || (key.toLowerCase() === 'g' && metaKey);
}

function isIn(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}
