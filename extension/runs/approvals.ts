import { homedir } from 'node:os';
import { KeptRecords } from '../permissions/kept-records.ts';

/** A script's version, or a server as it is defined, that a person lets run in one folder without being asked. */
export interface ApprovedVersion {
  /** Real path of the folder. */
  workspace: string;
  /** SHA-256 of what was approved, hex. */
  digest: string;
}

/** What a person has approved for good. */
export class Approvals {
  readonly #records: KeptRecords;

  /** @param home The person's home; by default that of this process. */
  constructor(home: string = homedir()) {
    this.#records = new KeptRecords(home, 'approvals', 'What you approved');
  }

  /** @throws UserError where it cannot be told. */
  async has(version: ApprovedVersion): Promise<boolean> {
    const record = await this.#records.read(idOf(version));
    return record !== null && record.workspace === version.workspace && record.digest === version.digest;
  }

  /** @param name The script's, for a person who looks through the folder. @throws UserError where it cannot be written. */
  async add(version: ApprovedVersion, name: string): Promise<void> {
    const { workspace, digest } = version;
    await this.#records.write(idOf(version), { workspace, digest, name, approvedAt: new Date().toISOString() });
  }

  /** Asks again from now on; nothing where it was not approved. */
  async remove(version: ApprovedVersion): Promise<void> {
    await this.#records.remove(idOf(version));
  }

  /** The names of all that was approved in a folder, each once. @throws UserError where that cannot be told. */
  async namesIn(workspace: string): Promise<Set<string>> {
    const records = (await this.#records.all()).filter((record) => record.workspace === workspace);
    return new Set(records.flatMap(({ name }) => (typeof name === 'string' ? name : [])));
  }

  /** Takes back whatever was approved in a folder under a name, in all its versions; gives how many those were. @throws UserError where it cannot. */
  async removeNamed(workspace: string, name: string): Promise<number> {
    return await this.#records.removeAll((record) => record.workspace === workspace && record.name === name);
  }
}

function idOf({ workspace, digest }: ApprovedVersion): string {
  return `${workspace}\n${digest}`;
}
