import type { ErrorInfo } from '../../protocol/errors.ts';
import type { Command, LogLevel } from '../../protocol/sandbox-wire.ts';
import { messageOf } from './errors.ts';

/** Characters of JSON that one activation may answer with; more fails the run. */
const YIELD_LIMIT = 32 * 1024 * 1024;
/** Characters of one log line. */
const LOG_LIMIT = 16 * 1024;

// Taken before the script runs: it may put its own functions there.
const { stringify } = JSON;

let commands = '';
let end = '';

/** Queues a command for the host. It is written as JSON at once, so later changes of its parts do not show. */
export function emit(command: Command): void {
  const text = stringify(command);
  if (commands.length + text.length > YIELD_LIMIT) {
    commands = '';
    endWith({ name: 'RangeError', message: 'The script issued more than 32 MB of calls and log lines in one turn.' });
  }
  if (end !== '') return;
  if (commands !== '') commands += ',';
  commands += text;
}

export function emitLog(level: LogLevel, message: string): void {
  const cut =
    message.length > LOG_LIMIT ? `${message.slice(0, LOG_LIMIT)}… (cut: ${message.length} characters in all)` : message;
  emit({ type: 'log', level, message: cut });
}

const warned: Record<string, true> = Object.create(null);

/** A warning that a loop would repeat is logged once. */
export function warnOnce(message: string): void {
  if (warned[message]) return;
  warned[message] = true;
  emitLog('warning', message);
}

/** Ends the run with an error, unless it has ended already. */
export function endWith(error: ErrorInfo): void {
  if (end === '') end = stringify({ ok: false, error });
}

/** Ends the run with what `JSON.stringify` makes of `result`, unless it has ended already. */
export function endWithResult(result: unknown): void {
  if (end !== '') return;
  let text: string | undefined;
  try {
    text = stringify(result);
  } catch (error) {
    const why = messageOf(error).split('\n')[0];
    return endWith({ name: 'TypeError', message: `The result of the script cannot be written as JSON: ${why}` });
  }
  text ??= 'null';
  if (text.length + commands.length > YIELD_LIMIT) {
    return endWith({ name: 'RangeError', message: 'The result of the script is larger than 32 MB of JSON.' });
  }
  end = '{"ok":true,"result":';
  end += text;
  end += '}';
}

/** The answer to an activation, as JSON: the commands since the last one, and the end if it has come. */
export function drainYield(activation: number): string {
  // Not as a template: QuickJS writes those with a method of strings that a script can replace.
  let text = '{"type":"yield","activation":';
  text += activation;
  text += ',"commands":[';
  text += commands;
  text += ']';
  if (end !== '') text += ',"end":';
  text += end;
  text += '}';
  commands = '';
  return text;
}
