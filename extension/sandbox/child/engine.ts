import type { ErrorInfo, ScriptPosition } from '../../protocol/errors.ts';
import { CALL_ERRORS, type EngineName, type SettleMessage, type StartMessage } from '../../protocol/sandbox-wire.ts';

/** What an engine must do; the rest of the child is the same for all of them. Text in, text out. */
export interface Engine {
  name: EngineName;
  /**
   * Makes the realm, runs the prelude in it, compiles the script and begins its first activation.
   * Resolves with the yield as JSON. @throws EngineError where the engine cannot go on.
   */
  start(message: StartMessage, json: string): Promise<string>;
  /** Goes on with a later activation, and compiles the script that came with it, if one did. @throws EngineError */
  settle(message: SettleMessage, json: string): Promise<string>;
}

/** The same activation for a called script that does not compile: its call is rejected with the place. */
export function refusedSettle({ source: _, ...message }: SettleMessage, error: ErrorInfo): string {
  const refusal = `The workflow${error.script === undefined ? '' : ` "${error.script}"`} does not compile: ${error.message}`;
  const outcome = { ok: false, error: { ...error, name: CALL_ERRORS.workflow, message: refusal } } as const;
  return JSON.stringify({ ...message, outcome } satisfies SettleMessage);
}

/** The end of an engine, with the script's line where it is known. */
export class EngineError extends Error {
  readonly info: ErrorInfo;
  constructor(name: string, message: string, position: ScriptPosition | null = null) {
    super(message);
    this.name = name;
    this.info = { name, message, ...position };
  }
}

export function turnTimeout(turnMs: number, position: ScriptPosition | null = null): EngineError {
  return new EngineError('TurnTimeoutError', `The script did not yield within ${turnMs / 1000} s.`, position);
}

export function outOfMemory(limitMb: number): EngineError {
  return new EngineError('MemoryLimitError', `The script used more than ${limitMb} MB of memory.`);
}
