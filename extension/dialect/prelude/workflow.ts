import { isJsonObject, type Json, type JsonObject } from '../../protocol/json.ts';
import type { CallRequest } from '../../protocol/sandbox-wire.ts';
import { childScriptFile, scriptTitle } from '../script-frame.ts';
import { issueCall } from './calls.ts';
import { warnOfLocale } from './engine-gaps.ts';
import { type Caller, caller, errorFromHost } from './errors.ts';
import { changeGroup, openGroup, shorten } from './groups.ts';
import { jsonCopy, nameOfType } from './json-copy.ts';
import { setScriptText } from './positions.ts';
import { currentPhase, enterScope, inScope } from './scope.ts';

type WorkflowRef = Extract<CallRequest, { kind: 'workflow' }>['ref'];

/** What the engine makes of a called script: given its own `args` and `workflow`, the body. */
type Compiled = (args: unknown, workflow: () => Promise<never>) => () => Promise<unknown>;

interface CalledScript {
  title: string;
  /** What the schema of its `args` has for properties that are not given; null where it has no schema. */
  defaults: JsonObject | null;
  compiled: Compiled;
}

/**
 * The global `workflow()`: runs another script in this realm, in a group of its own, and resolves to its result as a
 * run would give it. What that script throws reaches the caller as it is.
 * Rejects with a TypeError for arguments that can never work, with a WorkflowError where there is no such script or it
 * must not run, and with an Error where a called script calls another.
 */
export async function workflow(nameOrRef: unknown, args?: unknown): Promise<Json> {
  const from = caller();
  if (from.at?.script !== undefined) throw nestedTooDeep();
  const ref = readRef(nameOrRef);
  const ownArgs = jsonCopy(args, 'The args of workflow()');
  const { title, defaults, compiled } = await load(ref, from);
  const group = openGroup({ kind: 'workflow', size: 0, label: shorten(title, 120) }, from.scope);
  try {
    const body = compiled(withDefaults(title, defaults, ownArgs), refuse);
    const result = await inScope({ group, slot: [] }, body);
    return jsonCopy(result, `The result of the workflow "${title}"`) ?? null;
  } finally {
    changeGroup(group, { closed: true });
    enterScope(from.scope);
  }
}

function readRef(given: unknown): WorkflowRef {
  if (typeof given === 'string') {
    if (given.trim() !== '') return { name: given };
    throw new TypeError('workflow() expects the name of a workflow, and it is empty.');
  }
  const scriptPath = isJsonObject(given) ? given.scriptPath : undefined;
  if (typeof scriptPath === 'string' && scriptPath.trim() !== '') return { scriptPath };
  throw new TypeError(`workflow() expects the name of a workflow or { scriptPath: '...' }, not ${nameOfType(given)}.`);
}

function load(ref: WorkflowRef, from: Caller): Promise<CalledScript> {
  return new Promise((resolve, reject) => {
    const call = issueCall({ kind: 'workflow', ref }, currentPhase(from.scope), from, (outcome, loaded) => {
      const file = childScriptFile(call);
      if (!outcome.ok) {
        // The place is then in a script that never came to run.
        if (outcome.error.script !== undefined) setScriptText(file, '', outcome.error.script);
        return reject(errorFromHost(outcome.error, from.at));
      }
      if (typeof loaded?.compiled !== 'function')
        return reject(new Error('The host gave a workflow without its script.'));
      const title = scriptTitle(file, outcome.value);
      setScriptText(file, loaded.source, title);
      warnOfLocale(loaded.source);
      const { value } = outcome;
      const defaults = isJsonObject(value) && isJsonObject(value.defaults) ? value.defaults : null;
      resolve({ title, defaults, compiled: loaded.compiled as Compiled });
    });
  });
}

/** As a run fills in its own; with nothing given and nothing to fill in there is nothing. @throws TypeError where an object is wanted. */
function withDefaults(title: string, defaults: JsonObject | null, given: Json | undefined): Json | undefined {
  if (!defaults) return given;
  if (given !== undefined && !isJsonObject(given))
    throw new TypeError(`The workflow "${title}" takes an object as its args, not ${nameOfType(given)}.`);
  const filled = { ...defaults, ...given };
  if (given !== undefined) return filled;
  for (const _ in defaults) return filled;
  return undefined;
}

async function refuse(): Promise<never> {
  throw nestedTooDeep();
}

function nestedTooDeep(): Error {
  return new Error(
    'Workflows nest one level deep: a workflow that another one called cannot call a third. Let the first one call both.',
  );
}
