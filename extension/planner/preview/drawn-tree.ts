import type { CallDetails } from '../../protocol/call-details.ts';
import { UserError } from '../../protocol/errors.ts';
import type { RunEvent, RunEventBody, RunInfo } from '../../protocol/run-events.ts';
import type { AgentOptions, CallRequest, Command } from '../../protocol/sandbox-wire.ts';
import { callInfo } from '../../runs/call-info.ts';
import { CallKeys } from '../../runs/call-key.ts';

/** Characters of prompts that are kept; a script can write any number of them. */
const MOST_CHARACTERS = 32_000_000;
const LONGEST_LINE = 300;

/**
 * The tree of a dry run as the events of a run that never began: what would be asked, by whom and where. Nothing that
 * only an answer could bring is in it: no outcome, no verdict, no count, no line of the log.
 */
export class DrawnTree {
  readonly events: RunEvent[] = [];
  #info: RunInfo;
  #at: number;
  #lines: string[];
  #resolveModel: (name: string | undefined) => string;
  #keys = new CallKeys();
  #details = new Map<number, CallDetails>();
  #room = MOST_CHARACTERS;

  constructor(info: RunInfo, script: string, at: number, resolveModel: (name: string | undefined) => string) {
    this.#info = info;
    this.#at = at;
    this.#lines = script.split('\n');
    this.#resolveModel = resolveModel;
    this.#tell({ type: 'run.created', run: info });
  }

  hear(command: Command): void {
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
        const { request, call, at } = command;
        const model = request.kind === 'agent' ? this.#resolveModel(request.options.model) : '';
        this.#tell({ type: 'call.issued', call: callInfo(command, this.#keys.next(request), model, this.#at) });
        const line =
          at && at.script === undefined ? this.#lines[at.line - 1]?.trim().slice(0, LONGEST_LINE) : undefined;
        const { prompt, options } = this.#asked(request);
        this.#details.set(call, { id: call, prompt, options, transcript: [], ...(line && { scriptLine: line }) });
      }
    }
  }

  /** @throws UserError where there is no such call. */
  details(call: number): CallDetails {
    const details = this.#details.get(call);
    if (details) return details;
    throw new UserError('bad-arguments', `The preview of ${this.#info.name} has no agent number ${call}.`);
  }

  #asked(request: CallRequest): { prompt: string; options: AgentOptions } {
    const prompt = textOf(request);
    this.#room -= prompt.length;
    const kept =
      this.#room >= 0
        ? prompt
        : `(Not kept: the prompts of this preview come to more than 32 MB. This one has ${prompt.length} characters.)`;
    return { prompt: kept, options: request.kind === 'agent' ? request.options : {} };
  }

  #tell(body: RunEventBody): void {
    this.events.push({ seq: this.events.length + 1, at: this.#at, ...body });
  }
}

function textOf(request: CallRequest): string {
  switch (request.kind) {
    case 'agent':
      return request.prompt;
    case 'checkpoint':
      return [request.question, request.detail].filter(Boolean).join('\n\n');
    case 'tool':
      return `${request.name} ${JSON.stringify(request.input, null, 2)}`;
    default:
      return '';
  }
}
