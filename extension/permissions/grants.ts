import { homedir } from 'node:os';
import type { Grant } from '../protocol/permissions.ts';
import { KeptRecords } from './kept-records.ts';

/** What a grant is given to: this version of a script in this folder. */
export interface GrantScope {
  /** Real path of the folder. */
  workspace: string;
  /** SHA-256 of the script's text, hex. */
  digest: string;
}

const LASTS_MS = 30 * 24 * 3_600_000;

/** What a person said `always` to. It ends after 30 days. */
export class Grants {
  readonly #records: KeptRecords;
  readonly #now: () => number;

  /** @param home The person's home; by default that of this process. */
  constructor(home: string = homedir(), now: () => number = Date.now) {
    this.#records = new KeptRecords(home, 'grants', 'What you allowed for good');
    this.#now = now;
  }

  /** @throws UserError where it cannot be told. */
  async has(scope: GrantScope, grant: Grant): Promise<boolean> {
    const record = await this.#records.read(idOf(scope, grant));
    if (!record || typeof record.grantedAt !== 'string') return false;
    const { workspace, digest } = scope;
    const { tool, covers } = grant;
    const same =
      record.workspace === workspace && record.digest === digest && record.tool === tool && record.covers === covers;
    // By when it was given: a date that somebody wrote into the file makes it last no longer.
    const age = this.#now() - Date.parse(record.grantedAt);
    return same && age >= 0 && age < LASTS_MS;
  }

  /** @param name The script's, for a person who looks through the folder. @throws UserError where it cannot be written. */
  async add(scope: GrantScope, grant: Grant, name: string): Promise<void> {
    const now = this.#now();
    const [grantedAt = '', expiresAt = ''] = [now, now + LASTS_MS].map((at) => new Date(at).toISOString());
    const { workspace, digest } = scope;
    const { tool, covers } = grant;
    await this.#records.write(idOf(scope, grant), { workspace, digest, tool, covers, name, grantedAt, expiresAt });
  }

  /** Asks again from now on; nothing where it was not granted. */
  async remove(scope: GrantScope, grant: Grant): Promise<void> {
    await this.#records.remove(idOf(scope, grant));
  }
}

function idOf({ workspace, digest }: GrantScope, { tool, covers }: Grant): string {
  return JSON.stringify([workspace, digest, tool, covers]);
}
