import { clearLine, createInterface, cursorTo } from 'node:readline';
import { errorInfo } from '../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../protocol/json.ts';
import { PERMISSION_ANSWERS, type PermissionAnswer } from '../protocol/permissions.ts';
import type { CheckpointAnswer } from '../protocol/sandbox-wire.ts';
import { ANSWER_WORDS, pickAnswer } from './permission-questions.ts';
import { printable } from './printable.ts';
import { pickChoice, type Question } from './questions.ts';

/** A person sits here, reads what goes to stderr and can type. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks at the terminal. Null where the person leaves it for later, or `signal` says that it is not asked any more. */
export async function askHere({ info }: Question, signal: AbortSignal): Promise<CheckpointAnswer | null> {
  const { choices, schema } = info.checkpoint;
  const numbers = choices.length === 1 ? '1' : `1 to ${choices.length}`;
  const given = await askLine(`Your choice (${numbers}; nothing: later): `, signal);
  if (given === null || given.trim() === '') return null;
  const choice = pickChoice(choices, given);
  if (schema === null) return { choice };
  const values = await askValues(signal);
  return values && { choice, values };
}

/** Asks whether a tool call may be done; null as with `askHere`. */
export async function askPermissionHere(signal: AbortSignal): Promise<PermissionAnswer | null> {
  const choices = PERMISSION_ANSWERS.map((answer, at) => `${at + 1} ${answer}: ${ANSWER_WORDS[answer]}`);
  process.stderr.write(`${choices.join('\n')}\n`);
  for (;;) {
    const given = await askLine(`Allow it? (1 to ${choices.length}; nothing: later): `, signal);
    if (given === null || given.trim() === '') return null;
    const answer = pickAnswer(given);
    if (answer) return answer;
    process.stderr.write('That is none of the answers.\n');
  }
}

async function askValues(signal: AbortSignal): Promise<JsonObject | null> {
  for (;;) {
    const given = await askLine('The values, as a JSON object (nothing: later): ', signal);
    if (given === null || given.trim() === '') return null;
    try {
      const values: unknown = JSON.parse(given);
      if (isJsonObject(values)) return values;
      process.stderr.write('That is no object.\n');
    } catch (error) {
      process.stderr.write(`That is no JSON: ${printable(errorInfo(error).message)}\n`);
    }
  }
}

/** One line; null where the input has ended or the question is withdrawn, and then its line is wiped away. */
export function askLine(prompt: string, signal: AbortSignal): Promise<string | null> {
  if (signal.aborted) return Promise.resolve(null);
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  return new Promise((resolve) => {
    const withdraw = () => {
      terminal.close();
      clearLine(process.stderr, 0);
      cursorTo(process.stderr, 0);
    };
    signal.addEventListener('abort', withdraw, { once: true });
    // It holds the terminal in raw mode, where Ctrl-C is a key like others.
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    terminal.on('close', () => {
      signal.removeEventListener('abort', withdraw);
      resolve(null);
    });
    terminal.question(prompt, (line) => {
      resolve(line);
      terminal.close();
    });
  });
}
