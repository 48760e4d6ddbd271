import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { buildSandbox } from '../../scripts/build-sandbox.ts';

let built: Promise<string> | undefined;

/**
 * A directory with a freshly built `sandbox/` inside, as `dist` of `startSandbox`; one for each test file that asks,
 * removed after it. So a test never runs against yesterday's build.
 */
export function sandboxDist(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const dist = await mkdtemp(join(tmpdir(), 'counterpoint-sandbox-'));
  await buildSandbox(dist);
  return dist;
}

afterAll(async () => {
  if (built) await rm(await built, { recursive: true, force: true });
});
