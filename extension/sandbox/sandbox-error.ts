import type { ErrorInfo } from '../protocol/errors.ts';

/** The process that ran a script is gone: why, as data, with the script's line where it is known. */
export class SandboxError extends Error {
  override name = 'SandboxError';
  readonly info: ErrorInfo;
  constructor(info: ErrorInfo) {
    super(info.message);
    this.info = info;
  }
}
