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
  return values.map(formatValue).join(' ');
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) {
    const { name, message } = describeThrown(value);
    return `${name}: ${message}`;
  }
  if (typeof value === 'function') return `[function ${value.name}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value) ?? '[object]';
  } catch {
    return '[object that cannot be written as JSON]';
  }
}
