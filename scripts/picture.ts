/**
 * `npm run picture [-- FILE [THEME [WIDTH]]]`: the panel in Chromium, built anew where its sources are younger, with a run
 * made up for it. Without arguments it is the README's picture. Where there is `pngquant`, it makes the file half as large.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { CallDetails } from '../extension/protocol/call-details.ts';
import { launchBrowser, openPanel } from '../test/support/panel-page.ts';
import { pictureRun } from '../test/support/picture-run.ts';
import { THEME_NAMES, type ThemeName } from '../test/support/themes.ts';

const [path = join(import.meta.dirname, '../docs/panel.png'), theme = 'dark', width = '1400'] = process.argv.slice(2);
const { events, progress, now, looksAt, startedAt } = pictureRun();
const details: CallDetails = {
  id: looksAt,
  prompt: [
    'Refute this claim if you can. You see the claim and the code, not how it was found.',
    'Path joined unchecked reaches fs.readFile, in web/files.ts:57',
  ].join('\n\n'),
  options: { label: 'challenge · exploitability' },
  scriptLine: 'const verdicts = await pipeline(claims, (claim) => challenge(claim, { lenses: LENSES }))',
  transcript: [
    {
      type: 'tool',
      at: startedAt,
      id: 't1',
      name: 'read_file',
      input: { path: 'web/files.ts' },
      output: 'const name = req.params.name;\nreturn fs.readFile(path.join(root, name));',
      isError: false,
      durationMs: 12,
    },
    {
      type: 'tool',
      at: startedAt,
      id: 't2',
      name: 'grep',
      input: { pattern: 'sanitizeName' },
      output: 'web/util.ts:14: export const sanitizeName = …\nweb/routes.ts:31: app.param("name", …)',
      isError: false,
      durationMs: 8,
    },
  ],
};
const browser = await launchBrowser();
const panel = await openPanel(browser, {
  theme: themeNamed(theme),
  width: Number(width),
  now,
  details: { [looksAt]: details },
  state: { runId: 'picture', selected: { type: 'call', id: looksAt } },
});
await panel.send({
  type: 'events',
  runId: 'picture',
  events: [...events, ...progress],
  more: false,
  interrupted: false,
});
await panel.page.waitForFunction(() => document.querySelectorAll('.side pre, .side code').length > 0);
await panel.send({
  type: 'live',
  call: looksAt,
  entries: details.transcript.length,
  text: 'The router does install a parameter hook, but only on `app`, while `files` is mounted on its own router, so',
});
// Whatever glides has come to rest.
await panel.page.waitForTimeout(1500);
await panel.page.screenshot({ path });
await browser.close();
if (panel.problems.length > 0) throw new Error(panel.problems.join('\n'));
spawnSync('pngquant', ['--force', '--speed', '1', '--quality', '80-98', '--output', path, '256', path]);
console.log(`${path} · ${Math.round(statSync(path).size / 1000)} kB`);

function themeNamed(name: string): ThemeName {
  const found = THEME_NAMES.find((each) => each === name);
  if (!found) throw new Error(`There is no theme ${name}; there are: ${THEME_NAMES.join(', ')}.`);
  return found;
}
