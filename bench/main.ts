/** `npm run bench [-- NAME]`: measured work, printed as ratios. Without a name, all of it. */
const BENCHES: Record<string, () => Promise<{ run(): Promise<void> }>> = {
  fanout: () => import('./fanout.ts'),
  dispatch: () => import('./dispatch.ts'),
  replay: () => import('./replay.ts'),
  'long-wait': () => import('./long-wait.ts'),
  'bug-sweep': () => import('./bug-sweep.ts'),
  challengers: () => import('./challengers.ts'),
  dialogue: () => import('./dialogue.ts'),
  sandbox: () => import('./sandbox.ts'),
  panel: () => import('./panel.ts'),
  preview: () => import('./preview.ts'),
  grep: () => import('./grep.ts'),
  'tool-calls': () => import('./tool-calls.ts'),
  tokens: () => import('./tokens.ts'),
  'first-paint': () => import('./first-paint.ts'),
};

export {};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
for (const [name, load] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`── ${name} ──`);
  const { run } = await load();
  await run();
}
