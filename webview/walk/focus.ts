import { useEffect, useRef } from 'react';
import { type Selection, useView, useViewState } from '../view-state.ts';

/** Puts the focus on the details once they are there. */
export function focusSide(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.side-body')?.focus());
}

/** Whether keys are text here, or belong to a menu or a dialog. */
export function takesKeys(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest('input, textarea, select, dialog, [role="menu"]') !== null;
}

/** Escape closes the details; the focus goes back to what opened them, however they are closed. */
export function useWayBack(): void {
  const view = useView();
  const selected = useViewState((state) => state.selected);
  const opener = useOpener(selected);
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || view.state.selected === null) return;
      if (event.target instanceof HTMLElement && event.target.closest('dialog, [role="menu"]')) return;
      view.select(null);
    };
    window.addEventListener('keydown', close);
    return () => window.removeEventListener('keydown', close);
  }, [view]);
  useEffect(() => {
    // Only where the focus was in what has gone.
    if (selected === null && document.activeElement === document.body && opener.current?.isConnected)
      opener.current.focus({ preventScroll: true });
  }, [selected, opener]);
}

function useOpener(selected: Selection | null) {
  const opener = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const active = document.activeElement;
    if (selected && active instanceof HTMLElement && active !== document.body && !active.closest('.side'))
      opener.current = active;
  }, [selected]);
  return opener;
}
