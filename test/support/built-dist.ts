import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSandbox } from '../../scripts/build-sandbox.ts';

const root = join(import.meta.dirname, '../..');
let building: Promise<string> | null = null;

/** Folder with the built sandbox: `dist/` where `npm test` has built it, else one of its own in `.cache/`. */
export function builtDist(): Promise<string> {
  building ??= build();
  return building;
}

async function build(): Promise<string> {
  const dist = join(root, 'dist');
  if (existsSync(join(dist, 'sandbox/child.mjs'))) return dist;
  const own = join(root, '.cache/dist');
  await mkdir(own, { recursive: true });
  await buildSandbox(own);
  return own;
}
