import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { isJsonObject } from '../protocol/json.ts';

/** A script's version that a person lets run in one folder without being asked. */
export interface ApprovedVersion {
  /** Real path of the folder. */
  workspace: string;
  /** SHA-256 of the script's text, hex. */
  digest: string;
}

/**
 * What a person has approved for good. It is kept with the person, never in the workspace: a repository could bring
 * approvals of its own. One file a version, so that windows that approve at the same time cannot lose each other's, and
 * whoever looks finds what any of them has written.
 */
export class Approvals {
  readonly #folder: string;

  /** @param home The person's home; by default that of this process. */
  constructor(home: string = homedir()) {
    this.#folder = join(home, '.counterpoint', 'approvals');
  }

  async has(version: ApprovedVersion): Promise<boolean> {
    let text: string;
    try {
      text = await readFile(this.#fileOf(version), 'utf8');
    } catch (error) {
      if (isAbsent(error)) return false;
      throw unusable(this.#folder, error);
    }
    return approves(text, version);
  }

  /** @param name The script's, for a person who looks through the folder. @throws UserError where it cannot be written. */
  async add(version: ApprovedVersion, name: string): Promise<void> {
    const { workspace, digest } = version;
    const file = this.#fileOf(version);
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    const record = { workspace, digest, name, approvedAt: new Date().toISOString() };
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

  /** Asks again from now on; nothing where it was not approved. */
  async remove(version: ApprovedVersion): Promise<void> {
    await rm(this.#fileOf(version), { force: true });
  }

  #fileOf({ workspace, digest }: ApprovedVersion): string {
    return join(this.#folder, `${createHash('sha256').update(`${workspace}\n${digest}`).digest('hex')}.json`);
  }
}

/** The name of the file says it already; a file that was copied or cut short says something else. */
function approves(text: string, { workspace, digest }: ApprovedVersion): boolean {
  try {
    const record: unknown = JSON.parse(text);
    return isJsonObject(record) && record.workspace === workspace && record.digest === digest;
  } catch {
    // Half a file is no approval: the person is asked again, and it is written anew.
    return false;
  }
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function unusable(folder: string, error: unknown): UserError {
  const why = error instanceof Error ? error.message : String(error);
  return new UserError(
    'workspace-unusable',
    `What you approved cannot be kept in ${folder}: ${why}. Make it a folder that you can write to.`,
    { cause: error },
  );
}
