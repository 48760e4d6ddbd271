import type { ErrorInfo, ScriptPosition } from '../../protocol/errors.ts';
import { CALL_ERRORS } from '../../protocol/sandbox-wire.ts';
import { fileOf, positionOf, stackBelowConstructors } from './positions.ts';
import { currentScope, type Scope, scopeOfStack } from './scope.ts';

const MESSAGE_LIMIT = 16 * 1024;

/** Who called into the prelude: the script's line, and where that belongs in the tree. */
export interface Caller {
  at: ScriptPosition | null;
  scope: Scope;
}

/** To be asked before anything is awaited. */
export function caller(): Caller {
  // Reading a stack calls what a script may have replaced: its formatter, methods of texts. Then its place is not known.
  try {
    const { stack } = new Error();
    return { at: positionOf(stack), scope: scopeOfStack(stack) };
  } catch {
    return { at: null, scope: currentScope() };
  }
}

/** An error of the host as a real error of this realm; its stack shows its own place, else the line that asked for the call. */
export function errorFromHost(info: ErrorInfo, at: ScriptPosition | null): Error {
  const error = info.name === CALL_ERRORS.type ? new TypeError(info.message) : new Error(info.message);
  if (error.name !== info.name) hide(error, 'name', info.name);
  if (info.cause) hide(error, 'cause', info.cause);
  const place = placeOf(info) ?? at;
  const frame = place ? `\n    at ${fileOf(place)}:${place.line}:${place.column}` : '';
  hide(error, 'stack', `${info.name}: ${info.message}${frame}`);
  return error;
}

function placeOf({ line, column, script }: ErrorInfo): ScriptPosition | null {
  if (line === undefined || column === undefined) return null;
  return { line, column, ...(script === undefined ? {} : { script }) };
}

/** A place before what happened there, as a log line begins; empty where there is none. */
export function where(at: ScriptPosition | null): string {
  if (!at) return '';
  return at.script === undefined ? `line ${at.line}: ` : `${at.script}, line ${at.line}: `;
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}

/** Anything thrown as plain data, with the script's line where its stack tells; never throws. */
export function describeThrown(thrown: unknown): ErrorInfo {
  try {
    if (!(thrown instanceof Error)) return { name: 'Error', message: thrownText(thrown).slice(0, MESSAGE_LIMIT) };
    const position = positionOf(stackBelowConstructors(thrown));
    return {
      name: String(thrown.name).slice(0, 200),
      message: String(thrown.message).slice(0, MESSAGE_LIMIT),
      ...position,
    };
  } catch {
    return { name: 'Error', message: 'The script threw something that cannot be read.' };
  }
}

/** The message of anything thrown, for a log line; never throws. */
export function messageOf(thrown: unknown): string {
  return describeThrown(thrown).message;
}

function thrownText(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  if ('message' in thrown && typeof thrown.message === 'string') return thrown.message;
  return JSON.stringify(thrown) ?? String(thrown);
}
