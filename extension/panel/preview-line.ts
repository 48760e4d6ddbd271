import type { CallDetails } from '../protocol/call-details.ts';
import type { ErrorInfo } from '../protocol/errors.ts';
import type { PreviewMessage } from '../protocol/panel-messages.ts';
import type { Approval, Preview } from '../protocol/preview.ts';
import type { RunEvent } from '../protocol/run-events.ts';
import type { Post } from './event-feed.ts';
import { eventParts, fitted } from './event-parts.ts';

/** A preview with its tree: what the planner's `PreviewedRun` has of it, which a panel may not import. */
export interface ShownPreview {
  preview: Preview;
  /** Another for each preview: by it the view knows that there is a new tree. */
  runId: string;
  events: RunEvent[];
  /** @throws UserError where there is no such call in the tree. */
  details(call: number): CallDetails;
}

/** What a panel shows now. */
export interface PreviewStanding {
  /** The latest that was made; null while the first is, and where the script cannot be previewed as it is. */
  run: ShownPreview | null;
  /** Why it cannot; with the place in the script where that is known. `errorInfo` makes one of whatever was thrown. */
  problem: ErrorInfo | null;
  /** The script has changed since, and another preview is on its way. */
  stale: boolean;
  /** Null where nobody is asked. */
  approval: Approval | null;
}

/**
 * What flows from a preview to its one view: how it stands, and then, where it is another one, its events. It costs
 * nothing while the view is hidden, and is begun anew by the view that takes its place.
 */
export class PreviewLine {
  readonly post: Post;
  #current: () => PreviewStanding;
  #open = false;
  #sending = false;
  /** Something has changed since what is being sent was read. */
  #again = false;
  /** The tree that the view has. */
  #runId: string | null = null;

  constructor(current: () => PreviewStanding, post: Post) {
    this.#current = current;
    this.post = post;
  }

  /** Sends all there is, to a view that has just loaded or lacks something. */
  async subscribe(): Promise<void> {
    this.#open = true;
    this.#runId = null;
    await this.renew();
  }

  /** Sends what is new. Of what changes while something is sent, only how it stands at the end is. */
  async renew(): Promise<void> {
    this.#again = true;
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#again && this.#open) {
        this.#again = false;
        await this.#send(this.#current());
      }
    } finally {
      this.#sending = false;
    }
  }

  /** The view has gone. */
  close(): void {
    this.#open = false;
  }

  async #send({ run, problem, stale, approval }: PreviewStanding): Promise<void> {
    const message: PreviewMessage = { type: 'preview', preview: run?.preview ?? null, problem, stale, approval };
    await this.post(fitted(message).fitting);
    if (run === null || run.runId === this.#runId) return;
    const { runId } = run;
    for (const { events, more } of eventParts(run.events)) {
      await this.post({ type: 'events', runId, events, more, interrupted: false });
      if (!this.#open) return;
    }
    // A view that subscribed meanwhile may have missed the beginning.
    if (!this.#again) this.#runId = runId;
  }
}
