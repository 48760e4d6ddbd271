import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSandbox } from '../../scripts/build-sandbox.ts';
import { BUILT_DIST } from './built-dist.ts';

let dist = '';

/** Builds the sandbox once for all test files of a run, so that none runs against yesterday's build. */
export async function setup(): Promise<void> {
  dist = await mkdtemp(join(tmpdir(), 'counterpoint-dist-'));
  await buildSandbox(dist);
  process.env[BUILT_DIST] = dist;
}

export async function teardown(): Promise<void> {
  await rm(dist, { recursive: true, force: true });
}
