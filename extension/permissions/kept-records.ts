import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../protocol/json.ts';

/**
 * What a person said for good. It is kept with the person, never in the workspace, which could bring records of its own. One file a
 * record, so that windows that write at the same time cannot lose each other's, and whoever looks finds what any of them has written.
 */
export class KeptRecords {
  readonly #folder: string;
  readonly #what: string;

  /** @param home The person's home. @param what What is kept there, as a message begins: `What you approved`. */
  constructor(home: string, folder: 'approvals' | 'grants', what: string) {
    this.#folder = join(home, '.counterpoint', folder);
    this.#what = what;
  }

  /**
   * The record of this id, null where there is none: also where its file was cut short, so that the person is asked again and it is written
   * anew. Whoever reads it compares all that it is about, for a file may have been copied from another.
   * @throws UserError where that cannot be told.
   */
  async read(id: string): Promise<JsonObject | null> {
    return await this.#readFile(this.#fileOf(id));
  }

  /** @throws UserError where it cannot be written. */
  async write(id: string, record: JsonObject): Promise<void> {
    const file = this.#fileOf(id);
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
      // Whoever reads meanwhile finds all of it or nothing.
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw this.#unusable(error);
    }
  }

  /** Asks again from now on; nothing where there is no such record. */
  async remove(id: string): Promise<void> {
    await rm(this.#fileOf(id), { force: true });
  }

  /** Removes every record that fits, and gives how many those were. @throws UserError where that cannot be done. */
  async removeAll(isOne: (record: JsonObject) => boolean): Promise<number> {
    const found = (await this.#files()).filter(({ record }) => isOne(record));
    try {
      for (const { file } of found) await rm(file, { force: true });
    } catch (error) {
      throw this.#unusable(error);
    }
    return found.length;
  }

  /** Every record that is whole. @throws UserError where that cannot be told. */
  async all(): Promise<JsonObject[]> {
    return (await this.#files()).map(({ record }) => record);
  }

  async #files(): Promise<{ file: string; record: JsonObject }[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (isAbsent(error)) return [];
      throw this.#unusable(error);
    });
    const found = names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        const file = join(this.#folder, name);
        const record = await this.#readFile(file);
        return record ? { file, record } : [];
      });
    return (await Promise.all(found)).flat();
  }

  async #readFile(file: string): Promise<JsonObject | null> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (isAbsent(error)) return null;
      throw this.#unusable(error);
    }
    try {
      const record: unknown = JSON.parse(text);
      return isJsonObject(record) ? record : null;
    } catch {
      // Half a file says nothing.
      return null;
    }
  }

  /** A name that says nothing of what it is about, and has no sign in it that a file system could mind. */
  #fileOf(id: string): string {
    return join(this.#folder, `${createHash('sha256').update(id).digest('hex')}.json`);
  }

  #unusable(error: unknown): UserError {
    const why = error instanceof Error ? error.message : String(error);
    return new UserError(
      'workspace-unusable',
      `${this.#what} cannot be kept in ${this.#folder}: ${why}. Make it a folder that you can write to.`,
      { cause: error },
    );
  }
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
