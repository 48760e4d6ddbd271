import type { ScriptPosition } from '../../protocol/errors.ts';
import type { Json } from '../../protocol/json.ts';
import type { AgentOptions, AgentRole, Effort } from '../../protocol/sandbox-wire.ts';
import { AGENT_OPTIONS, EFFORTS, ISOLATIONS } from '../agent-options.ts';
import { issueCall } from './calls.ts';
import { type Caller, caller, errorFromHost, where } from './errors.ts';
import { jsonObject, nameOfType } from './json-copy.ts';
import { isAmong, isBlank } from './methods.ts';
import { warnOnce } from './outbox.ts';
import { currentPhase } from './scope.ts';

/** The global `agent()`. */
export function agent(prompt: unknown, options?: unknown): Promise<Json> {
  return askAgent(prompt, options, 'agent', caller());
}

/** Issues one agent where its caller stands; rejects with a TypeError where the prompt or an option can never work. */
export function askAgent(prompt: unknown, options: unknown, role: AgentRole, from: Caller): Promise<Json> {
  const { at } = from;
  return new Promise((resolve, reject) => {
    if (typeof prompt !== 'string') {
      throw new TypeError(`agent() expects its prompt as a string, not ${nameOfType(prompt)}.`);
    }
    if (isBlank(prompt)) warnOnce(`${where(at)}agent() was called with an empty prompt.`);
    const known = readOptions(options, at);
    const phase = known.phase ?? currentPhase(from.scope);
    issueCall({ kind: 'agent', prompt, options: known, role }, phase, from, (outcome) => {
      if (outcome.ok) resolve(outcome.value);
      else reject(errorFromHost(outcome.error, at));
    });
  });
}

/** Warns of options that a function of the dialect does not know, and so ignores. */
export function warnOfUnknown(name: string, given: object, known: readonly string[], at: ScriptPosition | null): void {
  const keys = Object.keys(given);
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i];
    if (isAmong(known, key)) continue;
    warnOnce(`${where(at)}${name}() has no option '${key}'; it is ignored. It knows: ${known.join(', ')}.`);
  }
}

function readOptions(given: unknown, at: ScriptPosition | null): AgentOptions {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object') {
    warnOnce(`${where(at)}agent() expects its options as an object, not ${nameOfType(given)}; they are ignored.`);
    return {};
  }
  warnOfUnknown('agent', given, AGENT_OPTIONS, at);
  const options: AgentOptions = {};
  const keys = Object.keys(given);
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] as keyof AgentOptions;
    if (!isAmong(AGENT_OPTIONS, key)) continue;
    const value: unknown = Reflect.get(given, key);
    if (value !== undefined && value !== null) readOption(options, key, value, at);
  }
  return options;
}

function readOption(options: AgentOptions, key: keyof AgentOptions, value: unknown, at: ScriptPosition | null): void {
  if (key === 'schema') {
    options.schema = jsonObject(value, 'agent() expects opts.schema as a JSON Schema object');
  } else if (key === 'effort') {
    if (isAmong(EFFORTS, value)) options.effort = value as Effort;
    else warnOnce(`${where(at)}agent() has no effort ${show(value)}; it is ignored. It knows: ${EFFORTS.join(', ')}.`);
  } else if (key === 'isolation') {
    if (isAmong(ISOLATIONS, value)) options.isolation = 'worktree';
    else warnOnce(`${where(at)}agent() has no isolation ${show(value)}; it is ignored. It knows: worktree.`);
  } else if (typeof value === 'string') {
    options[key] = value;
  } else if (key === 'label' || key === 'phase') {
    options[key] = String(value);
  } else {
    warnOnce(`${where(at)}agent() expects opts.${key} as a string, not ${nameOfType(value)}; it is ignored.`);
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : nameOfType(value);
}
