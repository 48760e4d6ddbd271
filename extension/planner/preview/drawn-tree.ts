import type { CallDetails } from '../../protocol/call-details.ts';
import { UserError } from '../../protocol/errors.ts';
import type { RunEvent, RunEventBody, RunInfo } from '../../protocol/run-events.ts';
import type { CallCommand, Command } from '../../protocol/sandbox-wire.ts';
import { callInfo, promptOf } from '../../runs/call-info.ts';
import { CallKeys } from '../../runs/call-key.ts';
import type { AgentCommand, DryRun } from './dry-run.ts';

const LONGEST_LINE = 300;

export interface DrawnTreeParts {
  info: RunInfo;
  /** The script's text. */
  text: string;
  /** When the preview was made, milliseconds since the epoch. */
  at: number;
  modelOf(agent: AgentCommand): string;
}

/**
 * The tree of a dry run as the events of a run that never began: what would be asked, by whom and where. Nothing that
 * only an answer could bring is in it: no outcome, no verdict, no count, no line of the script's log.
 */
export class DrawnTree {
  readonly events: RunEvent[] = [];
  #parts: DrawnTreeParts;
  #calls = new Map<number, CallCommand>();
  #keys = new CallKeys();

  constructor({ commands, cutCommands }: DryRun, parts: DrawnTreeParts) {
    this.#parts = parts;
    this.#tell({ type: 'run.created', run: parts.info });
    for (const command of commands) this.#hear(command);
    if (cutCommands === 0) return;
    const message = `The preview shows only the beginning: ${cutCommands} calls and groups more were left out, for the prompts come to more than 32 MB.`;
    this.#tell({ type: 'log', level: 'warning', message });
  }

  /** @throws UserError where there is no such call. */
  details(call: number): CallDetails {
    const command = this.#calls.get(call);
    const { info, text } = this.#parts;
    if (!command) throw new UserError('bad-arguments', `The preview of ${info.name} has no agent number ${call}.`);
    const { request, at } = command;
    const line =
      at && at.script === undefined ? text.split('\n')[at.line - 1]?.trim().slice(0, LONGEST_LINE) : undefined;
    return {
      id: call,
      prompt: promptOf(request),
      options: request.kind === 'agent' ? request.options : {},
      transcript: [],
      ...(line && { scriptLine: line }),
    };
  }

  #hear(command: Command): void {
    switch (command.type) {
      case 'phase':
        return this.#tell({ type: 'phase.began', title: command.title });
      case 'group-open': {
        const { type: _, group: parent, ...group } = command;
        return this.#tell({ type: 'group.opened', group: { ...group, parent } });
      }
      case 'group-change':
        if (command.change.closed) this.#tell({ type: 'group.changed', id: command.id, change: { closed: true } });
        return;
      case 'call': {
        const { modelOf, at } = this.#parts;
        const { request, call } = command;
        const model = request.kind === 'agent' ? modelOf({ ...command, request }) : '';
        this.#calls.set(call, command);
        return this.#tell({ type: 'call.issued', call: callInfo(command, this.#keys.next(request), model, at) });
      }
    }
  }

  #tell(body: RunEventBody): void {
    this.events.push({ seq: this.events.length + 1, at: this.#parts.at, ...body });
  }
}
