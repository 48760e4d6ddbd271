import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../extension/protocol/json.ts';
import { type HostOptions, result } from './script-host.ts';

/** Text that a script begins with to have `walk(roots)`: `{ found: string[], seen: number }`. */
export const WALK = `${guestText('walk.js')}const walk = makeWalk();`;

/** A file of functions that run in a sandbox, as text to go before a script's body. */
export function guestText(name: string): string {
  return readFileSync(join(import.meta.dirname, '../sandbox/guest', name), 'utf8').replaceAll(/^export /gm, '');
}

export interface Walked {
  /** What should not be there, each with the way to it. */
  found: string[];
  /** How many objects and functions it came by. */
  seen: number;
}

/** Runs `body`, which returns an object of roots, and walks all of them inside the sandbox. */
export async function walkFrom(body: string, options: HostOptions = {}): Promise<Walked> {
  const walked: Json = await result(`${WALK}\nreturn walk(await (async () => { ${body} })());`, options);
  return walked as unknown as Walked;
}
