import { useSyncExternalStore } from 'react';
import { CALL_STATES } from '../extension/protocol/run-tree.ts';
import type { CellState } from './states.ts';

/** What drawings take from the theme: colours as a canvas understands them, and the type. */
export interface Palette {
  states: Record<CellState, string>;
  ground: string;
  raised: string;
  ask: string;
  /** Text; what it says first, and what less. */
  text: string;
  strong: string;
  quiet: string;
  line: string;
  focus: string;
  /** Around squares that stand for nothing yet. */
  faint: string;
  /** A panel in the overview. */
  panel: string;
  /** Lines of high contrast or forced colours, where states are told by pattern and outline as well; null in other themes. */
  contrast: string | null;
  /** Type: `weight size family` but for the weight; pixels. */
  size: number;
  family: string;
}

const STATES: CellState[] = [...CALL_STATES, 'refuted', 'unverified', 'asks', 'none'];

let known: Palette | null = null;
const listeners = new Set<() => void>();

/** The colours of the theme as it is; a new object when it changes. */
export function usePalette(): Palette {
  return useSyncExternalStore(subscribe, () => {
    known ??= readPalette();
    return known;
  });
}

/** The browser resolves the variables, mixtures of colours and forced colours; a canvas would not. */
function readPalette(): Palette {
  const probe = document.createElement('span');
  probe.style.position = 'absolute';
  probe.style.visibility = 'hidden';
  document.body.append(probe);
  const colour = (value: string) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const states = Object.fromEntries(
    STATES.map((state) => {
      probe.className = `is-${state}`;
      return [state, colour('var(--tone)')];
    }),
  ) as Palette['states'];
  probe.className = '';
  const { classList } = document.body;
  const forced = matchMedia('(forced-colors: active)').matches;
  const high = classList.contains('vscode-high-contrast') || classList.contains('vscode-high-contrast-light');
  const { fontSize, fontFamily } = getComputedStyle(document.body);
  const palette: Palette = {
    states,
    ground: colour('var(--ground)'),
    raised: colour('var(--raised)'),
    ask: colour('var(--ask)'),
    text: colour('var(--text)'),
    strong: colour('var(--strong)'),
    quiet: colour('var(--quiet)'),
    line: colour('var(--line)'),
    focus: colour('var(--focus)'),
    faint: colour('color-mix(in srgb, var(--vscode-foreground) 16%, transparent)'),
    panel: colour('color-mix(in srgb, var(--vscode-foreground) 9%, transparent)'),
    // Forced colours leave ours as they are (see base.css), so what is drawn goes with the theme, too.
    contrast: high ? colour('var(--vscode-contrastBorder)') : forced ? colour('var(--text)') : null,
    size: Number.parseFloat(fontSize),
    family: fontFamily,
  };
  probe.remove();
  return palette;
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) watch();
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) unwatch();
  };
}

function reread(): void {
  known = null;
  for (const listener of listeners) listener();
}

const QUERIES = ['(forced-colors: active)', '(prefers-color-scheme: light)'];
let unwatch: () => void = () => undefined;

/** VS Code puts a theme in by the style of the page and the classes of its body. */
function watch(): void {
  known = null;
  const observer = new MutationObserver(reread);
  for (const element of [document.documentElement, document.body])
    observer.observe(element, { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] });
  observer.observe(document.head, { childList: true, subtree: true, characterData: true });
  const media = QUERIES.map((query) => matchMedia(query));
  for (const each of media) each.addEventListener('change', reread);
  unwatch = () => {
    observer.disconnect();
    for (const each of media) each.removeEventListener('change', reread);
  };
}
