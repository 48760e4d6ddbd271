import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that goes when the test does. */
export function tempDir(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'counterpoint-')));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
