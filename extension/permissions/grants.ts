import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { isJsonObject } from '../protocol/json.ts';
import type { Grant } from '../protocol/permissions.ts';

/** What a grant is given to: this version of a script in this folder. */
export interface GrantScope {
  /** Real path of the folder. */
  workspace: string;
  /** SHA-256 of the script's text, hex. */
  digest: string;
}

const LASTS_MS = 30 * 24 * 3_600_000;

/**
 * What a person said `always` to. It is kept with the person, never in the workspace: a repository could bring grants of its own. One
 * file a grant, as approvals are kept, so that windows that write at the same time cannot lose each other's. It ends after 30 days.
 */
export class Grants {
  readonly #folder: string;
  readonly #now: () => number;

  /** @param home The person's home; by default that of this process. */
  constructor(home: string = homedir(), now: () => number = Date.now) {
    this.#folder = join(home, '.counterpoint', 'grants');
    this.#now = now;
  }

  /** @throws UserError where it cannot be told. */
  async has(scope: GrantScope, grant: Grant): Promise<boolean> {
    let text: string;
    try {
      text = await readFile(this.#fileOf(scope, grant), 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return false;
      throw unusable(this.#folder, error);
    }
    return this.#grants(text, scope, grant);
  }

  /** @param name The script's, for a person who looks through the folder. @throws UserError where it cannot be written. */
  async add(scope: GrantScope, grant: Grant, name: string): Promise<void> {
    const file = this.#fileOf(scope, grant);
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    const now = this.#now();
    const [grantedAt, expiresAt] = [now, now + LASTS_MS].map((at) => new Date(at).toISOString());
    const { workspace, digest } = scope;
    const record = { workspace, digest, tool: grant.tool, covers: grant.covers, name, grantedAt, expiresAt };
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
      // Whoever reads meanwhile finds all of it or nothing.
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw unusable(this.#folder, error);
    }
  }

  /** Asks again from now on; nothing where it was not granted. */
  async remove(scope: GrantScope, grant: Grant): Promise<void> {
    await rm(this.#fileOf(scope, grant), { force: true });
  }

  #fileOf({ workspace, digest }: GrantScope, { tool, covers }: Grant): string {
    const name = JSON.stringify([workspace, digest, tool, covers]);
    return join(this.#folder, `${createHash('sha256').update(name).digest('hex')}.json`);
  }

  /** The name of the file says most of it already; a file that was copied or cut short says something else. */
  #grants(text: string, { workspace, digest }: GrantScope, { tool, covers }: Grant): boolean {
    let record: unknown;
    try {
      record = JSON.parse(text);
    } catch {
      // Half a file is no grant: the person is asked again, and it is written anew.
      return false;
    }
    if (!isJsonObject(record) || typeof record.grantedAt !== 'string') return false;
    const same =
      record.workspace === workspace && record.digest === digest && record.tool === tool && record.covers === covers;
    // By when it was given: a date that somebody wrote into the file makes it last no longer.
    const age = this.#now() - Date.parse(record.grantedAt);
    return same && age >= 0 && age < LASTS_MS;
  }
}

function unusable(folder: string, error: unknown): UserError {
  const why = error instanceof Error ? error.message : String(error);
  return new UserError(
    'workspace-unusable',
    `What you allowed for good cannot be kept in ${folder}: ${why}. Make it a folder that you can write to.`,
    { cause: error },
  );
}
