import type { LogLevel } from '../../protocol/sandbox-wire.ts';
import { describeThrown } from './errors.ts';
import { emitLog } from './outbox.ts';

/** The global `log()`. */
export function log(...values: unknown[]): void {
  emitLog('info', formatLine(values));
}

function logger(level: LogLevel): (...values: unknown[]) => void {
  return (...values) => emitLog(level, formatLine(values));
}

/** `console` writes to the run's log. What only shapes a terminal does nothing. */
export const guestConsole = {
  log,
  info: log,
  debug: log,
  dir: (value: unknown) => log(value),
  table: (value: unknown) => log(value),
  trace: log,
  group: log,
  groupCollapsed: log,
  groupEnd: () => undefined,
  warn: logger('warning'),
  error: logger('error'),
  assert: (condition: unknown, ...values: unknown[]) => {
    if (!condition) emitLog('error', formatLine(['Assertion failed', ...values]));
  },
};

/** As `x {"a":1}`; never throws. */
function formatLine(values: unknown[]): string {
  let line = '';
  for (let i = 0; i < values.length; i += 1) {
    if (i > 0) line += ' ';
    line += formatValue(values[i]);
  }
  return line;
}

function formatValue(value: unknown): string {
  try {
    if (typeof value === 'string') return value;
    if (typeof value === 'function') return `[function ${value.name}]`;
    if (typeof value !== 'object' || value === null) return String(value);
    if (!(value instanceof Error)) return JSON.stringify(value) ?? '[object]';
    const { name, message } = describeThrown(value);
    return `${name}: ${message}`;
  } catch {
    return '[object that cannot be written as JSON]';
  }
}
