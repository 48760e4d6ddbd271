import { useEffect, useRef, useState } from 'react';
import type { CellState } from '../states.ts';

/** The theme as a canvas needs it: colours as the browser computed them. */
export interface Palette {
  states: Record<CellState, string>;
  ground: string;
  raised: string;
  text: string;
  strong: string;
  quiet: string;
  line: string;
  focus: string;
  /** Type: `weight size family` but for the weight. */
  size: number;
  family: string;
  /** High contrast or forced colours: states are told by pattern and outline as well. */
  contrast: boolean;
}

const COLOURS = {
  ground: '--ground',
  raised: '--raised',
  text: '--text',
  strong: '--strong',
  quiet: '--quiet',
  line: '--line',
  focus: '--focus',
} as const;
const STATES: Record<CellState, string> = {
  waiting: '--wait',
  working: '--work',
  succeeded: '--done',
  reused: '--reused',
  failed: '--fail',
  skipped: '--quiet',
  stopped: '--quiet',
  refuted: '--refuted',
  unverified: '--ask',
  asks: '--ask',
  none: '--line',
};

const FORCED = '(forced-colors: active)';
const BACKGROUNDS: ReadonlySet<string> = new Set(['--ground', '--raised']);

/** The colours of the theme in use; anew when it changes. The element it gives is what they are read from. */
export function usePalette(): { palette: Palette | null; probe: React.RefObject<HTMLSpanElement | null> } {
  const probe = useRef<HTMLSpanElement>(null);
  const [palette, setPalette] = useState<Palette | null>(null);
  useEffect(() => {
    const read = () => probe.current && setPalette(readPalette(probe.current));
    read();
    // VS Code changes the classes of the body and the variables of the document.
    const observer = new MutationObserver(read);
    for (const element of [document.documentElement, document.body])
      observer.observe(element, { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] });
    const queries = [FORCED, '(prefers-color-scheme: light)'].map((query) => matchMedia(query));
    for (const query of queries) query.addEventListener('change', read);
    return () => {
      observer.disconnect();
      for (const query of queries) query.removeEventListener('change', read);
    };
  }, []);
  return { palette, probe };
}

function readPalette(probe: HTMLElement): Palette {
  // Forced colours have one for all type and one for all ground, so each is read as what it is used for.
  const colour = (variable: string) => {
    const property = BACKGROUNDS.has(variable) ? 'backgroundColor' : 'color';
    probe.style[property] = `var(${variable})`;
    return getComputedStyle(probe)[property];
  };
  const named = Object.entries(COLOURS).map(([name, variable]) => [name, colour(variable)]);
  const states = Object.entries(STATES).map(([state, variable]) => [state, colour(variable)]);
  const { fontSize, fontFamily } = getComputedStyle(probe);
  return {
    ...(Object.fromEntries(named) as Pick<Palette, keyof typeof COLOURS>),
    states: Object.fromEntries(states) as Palette['states'],
    size: Number.parseFloat(fontSize),
    family: fontFamily,
    contrast: document.body.className.includes('high-contrast') || matchMedia(FORCED).matches,
  };
}
