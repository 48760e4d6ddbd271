import { expect } from 'vitest';
import type { Panel } from './panel-page.ts';

/** Nothing ran, nothing of it became an element, nothing is wider than the panel or reorders what is beside it. */
export async function expectHarmless(panel: Panel): Promise<void> {
  const seen = await panel.page.evaluate(() => {
    const root = document.getElementById('root')!;
    const texts: Text[] = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    const leaking = texts
      .filter((text) => /[\u0590-\u06ff]/.test(text.data))
      .map((text) => text.parentElement!)
      // A block is isolated by itself, and so is what is laid out as one.
      .filter(
        (element) =>
          getComputedStyle(element).display === 'inline' && getComputedStyle(element).unicodeBidi === 'normal',
      )
      .map((element) => element.outerHTML.slice(0, 120));
    return {
      hacked: (window as unknown as { hacked?: unknown }).hacked ?? null,
      polluted: ({} as { polluted?: unknown }).polluted ?? null,
      elements: [
        ...root.querySelectorAll(
          'img, iframe, script, object, embed, [onerror], [onload], [onmouseover], a[href^="javascript:"]',
        ),
      ].map((element) => element.outerHTML),
      overrides: texts
        .filter(
          (text) =>
            /[\u202a-\u202e\u2066-\u2069]/.test(text.data) ||
            [...text.data.slice(0, 5000)].some((letter) => letter < '\t' || letter === '\u001b'),
        )
        .map((text) => text.data.slice(0, 80)),
      leaking,
      wide: [
        document.documentElement,
        document.body,
        ...document.querySelectorAll('.app, .top-bar, .stage, .side, .log'),
      ]
        .filter(
          (element) =>
            element.scrollWidth > element.clientWidth + 1 || element.getBoundingClientRect().right > innerWidth + 1,
        )
        .map((element) => element.className || element.tagName),
    };
  });
  expect(seen).toEqual({ hacked: null, polluted: null, elements: [], overrides: [], leaking: [], wide: [] });
}
