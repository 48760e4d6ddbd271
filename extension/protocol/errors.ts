/** A place in a script: both counted from 1, as editors show them. */
export interface ScriptPosition {
  line: number;
  column: number;
  /** Title of the script where it is not the run's own but one that it called. */
  script?: string;
}

/** An error as data: what crosses a process, a journal or a screen in place of an `Error`. */
export interface ErrorInfo {
  name: string;
  message: string;
  line?: number;
  column?: number;
  /** As in `ScriptPosition`. */
  script?: string;
  /** What the host knows of why, for a script to go by: as `FailureCause`. */
  cause?: { kind: string; message: string; status?: number };
}

/**
 * A failure that a person can act on: the message is one line and says what to do.
 * `code` is stable and is what callers compare; everything else that is thrown is a defect of ours.
 */
export class UserError extends Error {
  override name = 'UserError';
  readonly code: UserErrorCode;
  constructor(code: UserErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type UserErrorCode =
  | 'script-not-found'
  | 'script-refused'
  | 'script-changed'
  | 'name-taken'
  | 'no-key'
  | 'no-model'
  | 'no-engine'
  | 'no-tool'
  | 'workspace-unusable'
  | 'not-trusted'
  | 'journal-unusable'
  | 'run-not-found'
  | 'run-busy'
  | 'run-finished'
  | 'not-running'
  | 'not-possible'
  | 'bad-arguments';

/** A script that must not start: says why, and where in the file. Nothing of it has run. */
export class ScriptRefusedError extends UserError {
  override name = 'ScriptRefusedError';
  readonly line: number;
  readonly column: number;
  constructor(message: string, position: ScriptPosition) {
    super('script-refused', message);
    this.line = position.line;
    this.column = position.column;
  }
}

/** Reduces anything thrown to data, without its stack: stacks carry paths of the machine. */
export function errorInfo(thrown: unknown): ErrorInfo {
  if (thrown instanceof ScriptRefusedError) {
    return { name: 'SyntaxError', message: thrown.message, line: thrown.line, column: thrown.column };
  }
  if (thrown instanceof Error) return { name: thrown.name, message: thrown.message };
  return { name: 'Error', message: String(thrown) };
}
