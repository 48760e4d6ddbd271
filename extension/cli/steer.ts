import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { callNumberWords } from '../protocol/call-number.ts';
import { UserError } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import type { RunControl } from '../protocol/run-control.ts';
import type { RunLimits } from '../protocol/run-events.ts';
import type { CallNode } from '../protocol/run-tree.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { locateScript } from '../runs/workflow-catalogue.ts';
import type { Home } from './main.ts';
import { printable, shortened } from './printable.ts';
import type { CommandLine } from './usage.ts';

/** What is asked of a run, and how it is told once it is done: to a person, and in `--json`. */
interface Steering {
  control: RunControl;
  told: string;
  done: string;
  [more: string]: Json | RunControl;
}

/** Does what `pause`, `stop`, `skip`, `retry`, `tell`, `set` or `replace` is for. Returns the exit code. */
export async function steer(line: CommandLine, home: Home, manager: RunManager, runId: string): Promise<number> {
  refuseIdle(manager, runId);
  const { control, told, ...document } = await steeringOf(line, home, manager, runId);
  await manager.control(runId, control);
  return printDone(line, runId, document as { done: string }, told);
}

/** @throws UserError where nothing can be done to the run, for it is not running. */
export function refuseIdle(manager: RunManager, runId: string): void {
  const status = manager.summary(runId)?.status ?? 'interrupted';
  if (status === 'running') return;
  const next =
    status === 'completed'
      ? `\`counterpoint fork ${runId}\` begins a new one from it.`
      : `\`counterpoint resume ${runId}\` goes on with it.`;
  throw new UserError('not-running', `Run ${runId} is not running (${status.replaceAll('_', ' ')}). ${next}`);
}

async function steeringOf(line: CommandLine, home: Home, manager: RunManager, runId: string): Promise<Steering> {
  switch (line.command) {
    case 'pause': {
      const told = `paused; what is under way comes to its end, \`counterpoint resume ${runId}\` goes on`;
      return { control: { action: 'pause' }, told, done: 'paused' };
    }
    case 'set':
      return {
        control: { action: 'set-limits', limits: line.limits },
        told: `goes by ${limitsText(line.limits)} from now on`,
        done: 'limits-set',
        limits: line.limits as Json,
      };
    case 'replace':
      return await replacement(line, home);
    case 'stop':
      if (line.call === null) {
        return {
          control: { action: 'stop' },
          told: `stopped; \`counterpoint resume ${runId}\` goes on with it`,
          done: 'stopped',
        };
      }
  }
  return agentSteering(line, findAgent(manager, runId, line.call));
}

function agentSteering(line: CommandLine, { info, state }: CallNode): Steering {
  const ref = { call: info.id, key: info.key };
  const name = `agent ${callNumberWords(info.id)} (${printable(info.label)})`;
  const agent = info.id;
  // What becomes of the script by it, which asked for it; of what a person added it knows nothing.
  const toScript = (words: string): string => (info.added ? '' : `; the script ${words}`);
  switch (line.command) {
    case 'skip': {
      const given = line.value === undefined ? 'null' : shortened(JSON.stringify(line.value), 80);
      const value = line.value === undefined ? {} : { value: line.value };
      const told = info.added
        ? `${name} is skipped; its answer is ${given}`
        : `${name} is skipped; the script gets ${given}`;
      return { control: { action: 'skip-agent', ...ref, ...value }, told, done: 'agent-skipped', agent };
    }
    case 'retry': {
      const anew = state === 'failed' || state === 'stopped' || state === 'skipped';
      const told = anew
        ? `${name} is asked again${toScript('begins anew, and finds all else')}`
        : `${name} begins anew`;
      return { control: { action: 'retry-agent', ...ref }, told, done: 'agent-retried', agent };
    }
    case 'tell': {
      const told = `${name} hears it before its next turn`;
      return { control: { action: 'message-agent', ...ref, text: line.message }, told, done: 'agent-told', agent };
    }
    default: {
      const told = `${name} is stopped${toScript('gets null')}`;
      return { control: { action: 'stop-agent', ...ref }, told, done: 'agent-stopped', agent };
    }
  }
}

async function replacement(line: CommandLine, home: Home): Promise<Steering> {
  const places = { workspace: await realpath(line.workspace), bundled: join(home.root, 'workflows') };
  const { title, text } = await locateScript(places, scriptPath(line.script ?? ''));
  const told = `goes on with ${printable(title)}; what it asks for and is there is not asked again`;
  return { control: { action: 'replace-script', title, text }, told, done: 'script-replaced', script: title };
}

/** @throws UserError where the run has no agent of this number. */
function findAgent(manager: RunManager, runId: string, number: number | null): CallNode {
  const call = number === null ? undefined : manager.tree(runId).calls.get(number);
  if (call?.info.kind === 'agent') return call;
  throw new UserError(
    'bad-arguments',
    `Run ${runId} has no agent number ${number && callNumberWords(number)}. \`counterpoint show ${runId} --agents\` lists them.`,
  );
}

function limitsText({ concurrency, maxAgents, budget, maxCostUsd }: Partial<RunLimits>): string {
  const parts: string[] = [];
  if (concurrency !== undefined) parts.push(`${concurrency} agents at a time`);
  if (maxAgents !== undefined) parts.push(`${maxAgents} agents in all`);
  if (budget !== undefined) parts.push(budget === null ? 'no cap on output tokens' : `${budget} output tokens`);
  if (maxCostUsd !== undefined) parts.push(maxCostUsd === null ? 'no cap on cost' : `$${maxCostUsd.toFixed(2)}`);
  return parts.join(', ');
}

/** A path is meant from where the person stands; a name, or a path inside the workspace, is left to the catalogue. */
export function scriptPath(given: string): string {
  const here = resolve(given);
  return existsSync(here) ? here : given;
}

/** Tells, in one line or one document, what was done to a run. Returns the exit code. */
export function printDone(line: CommandLine, runId: string, document: { done: string }, told: string): number {
  if (line.json) process.stdout.write(`${JSON.stringify({ runId, ...document })}\n`);
  else console.log(`run ${runId}: ${told}`);
  return 0;
}
