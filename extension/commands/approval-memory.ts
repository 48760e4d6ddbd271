import type { Decision } from '../protocol/preview.ts';
import { Approvals, type ApprovedVersion } from '../runs/approvals.ts';

/** What a person has approved: in this window, or for good in any. */
export class ApprovalMemory {
  readonly #inWindow = new Set<string>();
  readonly #forGood: Approvals;

  /** @param home The person's home; by default that of this process. */
  constructor(home?: string) {
    this.#forGood = new Approvals(home);
  }

  /** Read anew each time: another window may have approved it meanwhile. */
  async has(version: ApprovedVersion): Promise<boolean> {
    return this.#inWindow.has(nameOf(version)) || (await this.#forGood.has(version));
  }

  /** @param name The script's. @throws UserError where it cannot be kept. */
  async keep(decision: Decision, version: ApprovedVersion, name: string): Promise<void> {
    if (decision === 'run') this.#inWindow.add(nameOf(version));
    if (decision === 'always') await this.#forGood.add(version, name);
  }
}

function nameOf({ workspace, digest }: ApprovedVersion): string {
  return `${digest} ${workspace}`;
}
