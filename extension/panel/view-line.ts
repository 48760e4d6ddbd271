import type { PanelCommand } from '../protocol/panel-messages.ts';
import type { RunService } from '../runs/run-service.ts';
import { type EventStream, type FeedSource, type Post, streamEvents } from './event-feed.ts';

export interface LineSource {
  id: string;
  runs: FeedSource & Pick<RunService, 'watchCall'>;
}

/**
 * What flows from a run to its one view: the events, what the call says that is looked at, and what is asked for from
 * outside of the view. It is cut when the view is hidden, and begun anew by the view that takes its place.
 */
export class ViewLine {
  readonly post: Post;
  #run: LineSource;
  #stream: EventStream | null = null;
  #stopStream: (() => void) | null = null;
  #stopWatch: (() => void) | null = null;
  /** The view has all that there was when it subscribed: only then it can show a call that a command names. */
  #ready = false;
  #commands: PanelCommand[] = [];

  constructor(run: LineSource, post: Post) {
    this.#run = run;
    this.post = post;
  }

  /** Streams the events after `after`, in place of what was streamed before. */
  async subscribe(after: number): Promise<void> {
    this.#stopStream?.();
    this.#ready = false;
    // A message can still be on its way when its view goes, and says nothing of the next one.
    let current = true;
    try {
      const stream = streamEvents(this.#run.runs, this.#run.id, after, async (message) => {
        const posted = await this.post(message);
        if (current && message.type === 'events' && !message.more) this.#becomeReady();
        return posted;
      });
      this.#stream = stream;
      this.#stopStream = () => {
        current = false;
        stream.close();
      };
    } catch (error) {
      await this.#tellGone(error);
    }
  }

  /** Tells what this call says while it says it, and of no other; null: of none. */
  watch(call: number | null): void {
    this.#stopWatch?.();
    this.#stopWatch = null;
    if (call === null) return;
    const { id, runs } = this.#run;
    try {
      this.#stopWatch = runs.watchCall(id, call, (live) => void this.post({ type: 'live', call, ...live }));
    } catch (error) {
      // A call of an attempt that is over; the view watches another as soon as it has heard of that.
      console.warn(`Counterpoint: a call cannot be watched: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Has the view do something, as soon as it can. */
  command(command: PanelCommand): void {
    if (this.#ready) void this.#pass(command);
    else this.#commands.push(command);
  }

  /** A call may be shown that has only just begun, while what is told of it is still being gathered. */
  async #pass(command: PanelCommand): Promise<void> {
    if (command.name === 'reveal') await this.#stream?.catchUp();
    if (this.#ready) await this.post({ type: 'command', command });
    else this.#commands.push(command);
  }

  /** The view has gone. */
  close(): void {
    this.#stopStream?.();
    this.#stopStream = null;
    this.#stream = null;
    this.watch(null);
    this.#ready = false;
  }

  #becomeReady(): void {
    this.#ready = true;
    for (const command of this.#commands.splice(0)) void this.post({ type: 'command', command });
  }

  async #tellGone(error: unknown): Promise<void> {
    await this.post({ type: 'run-gone', message: error instanceof Error ? error.message : String(error) });
  }
}
