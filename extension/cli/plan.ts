import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Plan } from '../planner/plan-request.ts';
import { errorInfo, UserError } from '../protocol/errors.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { askLine, canAsk } from './ask.ts';
import { cancellable, EXIT_CANCELLED } from './cancellable.ts';
import { attendanceOf, drive, permissionsOf } from './drive.ts';
import type { Home } from './main.ts';
import { OPTIONS } from './options.ts';
import { previewDocument, previewText } from './preview.ts';
import { printable, printableLines, shellWord } from './printable.ts';
import type { CommandLine } from './usage.ts';
import { UsageError } from './values.ts';

/** A plan whose script lies somewhere, ready to be run. */
interface KeptPlan {
  plan: Plan;
  path: string;
  /** What runs it, to be pasted into a shell. */
  command: string;
}

/** Has a workflow made for a goal, tells what it would do, and runs it where that was asked for. Returns the exit code. */
export async function plan(line: CommandLine, home: Home, manager: RunManager): Promise<number> {
  if (line.run && !line.yes && !canAsk())
    throw new UsageError('`plan --run` asks before it runs, and there is no terminal here: add --yes to run it unseen');
  if (line.out !== null) await refuseUnwritable(resolve(line.out));
  const told = 'the planning was cancelled; no script was kept';
  const kept = await cancellable(line, told, (signal) => makePlan(line, manager, signal));
  return kept ? await present(line, home, manager, kept) : EXIT_CANCELLED;
}

async function makePlan(line: CommandLine, manager: RunManager, signal: AbortSignal): Promise<KeptPlan> {
  const { planWorkflow } = await import('../planner/plan.ts');
  let last = '';
  const made = await planWorkflow(manager, {
    goal: line.subject,
    size: line.size,
    provider: providerOf(line),
    ...(line.model !== null && { model: line.model }),
    ...(Object.keys(line.models).length > 0 && { models: line.models }),
    limits: line.limits,
    ...(line.permissions && { permissions: line.permissions }),
    signal,
    onProgress: (words) => {
      if (words !== last) console.error(printable(words));
      last = words;
    },
  });
  signal.throwIfAborted();
  const path = await keep(line, manager, made);
  return { plan: made, path, command: runCommand(line, await wordFor(manager, path, made), made) };
}

/** What names the script on a command line: its name, where that is its own, else its path. */
async function wordFor(manager: RunManager, path: string, { name }: Plan): Promise<string> {
  const named = (await manager.workflows()).find((entry) => entry.name === name);
  if (named?.path === path) return name;
  const near = relative(process.cwd(), path);
  return near.startsWith('..') || isAbsolute(near) ? path : near;
}

/** Where the script lies: where it was asked for, where it came from, or among the drafts. */
async function keep({ out }: CommandLine, manager: RunManager, made: Plan): Promise<string> {
  if (out !== null) return await writeNew(resolve(out), made.text);
  if (made.bundled !== undefined) return made.bundled;
  const { saveDraft } = await import('../planner/drafts.ts');
  return await saveDraft(manager.workspace, made);
}

/** Asked before the planning, which costs something, for a script that has no place is lost. @throws UserError */
async function refuseUnwritable(path: string): Promise<void> {
  if (existsSync(path)) throw outTaken(path);
  const folder = dirname(path);
  if (!existsSync(folder))
    throw new UserError('workspace-unusable', `There is no folder ${folder}. Make it, or give another file to --out.`);
}

async function writeNew(path: string, text: string): Promise<string> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw outTaken(path);
    const reason = errorInfo(error).message;
    throw new UserError('workspace-unusable', `The script cannot be written to ${path}: ${reason}.`, { cause: error });
  }
}

function outTaken(path: string): UserError {
  return new UserError('name-taken', `There is a file ${path} already. Give another to --out, or remove it.`);
}

async function present(line: CommandLine, home: Home, manager: RunManager, kept: KeptPlan): Promise<number> {
  const document = planDocument(kept);
  if (!line.run) {
    if (line.json) process.stdout.write(`${JSON.stringify(document)}\n`);
    else console.log(planText(kept));
    return 0;
  }
  console.error(planText(kept));
  if (!line.yes && !(await isWanted())) {
    console.error('It was not run.');
    if (line.json) process.stdout.write(`${JSON.stringify(document)}\n`);
    return 0;
  }
  const { plan: made, path } = kept;
  const begin = () =>
    manager.start({
      script: path,
      // What was shown is what runs, whoever else writes to that file.
      digest: made.preview.preview.script.digest,
      ...(made.args !== undefined && { args: made.args }),
      provider: providerOf(line),
      ...(line.model !== null && { model: line.model }),
      ...(Object.keys(line.models).length > 0 && { models: line.models }),
      limits: line.limits,
      ...permissionsOf(line),
      ...attendanceOf(line),
    });
  return await drive(line, home, manager, begin, { plan: document });
}

/** Silence is no consent. */
async function isWanted(): Promise<boolean> {
  const given = await askLine('Run it now? (y/N) ', new AbortController().signal);
  return /^y(es)?$/i.test(given?.trim() ?? '');
}

function planDocument({ plan: made, path, command }: KeptPlan) {
  const { name, args, why, bundled, by, attempts, usage, preview } = made;
  return {
    ...{ name, script: path, bundled: bundled !== undefined, why, by, attempts, usage, command },
    ...(args !== undefined && { args }),
    preview: previewDocument(preview),
  };
}

function planText({ plan: made, path, command }: KeptPlan): string {
  const { inputTokens, outputTokens, costUsd } = made.usage;
  const cost = costUsd === null ? 'cost unknown' : `$${costUsd.toFixed(2)}`;
  const scripts = made.attempts > 1 ? `, in ${made.attempts} attempts` : '';
  const origin =
    made.bundled === undefined ? `written by ${made.by}${scripts}` : `a bundled workflow, picked by ${made.by}`;
  return [
    `plan ${printable(made.name)}: ${printable(origin)}`,
    `usage: ${inputTokens} tokens in, ${outputTokens} out, ${cost}`,
    `script: ${printable(path)}`,
    `why: ${printableLines(made.why.trim())}`,
    '',
    previewText(made.preview),
    '',
    `\`${command}\` runs it.`,
  ].join('\n');
}

/** The workspace is told as it was found, and how a plan is printed says nothing of its run. */
const NOT_OF_THE_RUN = new Set(['workspace', 'json', 'report']);

function runCommand(line: CommandLine, script: string, { args }: Plan): string {
  const words = ['counterpoint', 'run', shellWord(script)];
  if (args !== undefined) words.push('--args', shellWord(JSON.stringify(args)));
  // What was said for the plan holds for its run.
  for (const [name, value] of Object.entries(line.given)) {
    if (!Object.hasOwn(OPTIONS.run, name) || NOT_OF_THE_RUN.has(name)) continue;
    for (const each of [value].flat()) words.push(`--${name}`, ...(typeof each === 'string' ? [shellWord(each)] : []));
  }
  if (line.workspace !== process.cwd()) words.push('--workspace', shellWord(line.workspace));
  return words.join(' ');
}

function providerOf({ provider }: CommandLine): string {
  return provider ?? 'anthropic';
}
