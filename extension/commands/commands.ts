import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { ScriptRefusedError, UserError } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import type { StartRequest } from '../runs/run-service.ts';
import { openReport, resumeRun, runWorkflow, showRun, stopRun, type Workbench } from './run-commands.ts';

/** Every command and its signature. Without arguments a command asks the person; with them it does not, and what fails reaches the caller. */
export interface Commands {
  'counterpoint.runWorkflow': (request?: StartRequest) => Promise<string | undefined>;
  'counterpoint.showRun': (runId?: string) => Promise<void>;
  'counterpoint.stopRun': (runId?: string) => Promise<void>;
  'counterpoint.resumeRun': (runId?: string) => Promise<void>;
  'counterpoint.openReport': (runId?: string) => Promise<void>;
  'counterpoint.setAnthropicKey': () => Promise<boolean>;
}

const runId = z.optional(z.string().check(z.minLength(1)));
const request = z.optional(
  z.strictObject({
    script: z.string().check(z.minLength(1)),
    args: z.optional(z.json()),
    provider: z.string(),
    model: z.optional(z.string()),
    limits: z.optional(
      z.partial(
        z.strictObject({
          concurrency: z.int(),
          maxAgents: z.int(),
          budget: z.nullable(z.int()),
          maxCostUsd: z.nullable(z.number()),
          agentTimeoutMs: z.nullable(z.int()),
          runTimeoutMs: z.nullable(z.int()),
        }),
      ),
    ),
  }),
);

/** Registers all commands. */
export function registerCommands(bench: Workbench): vscode.Disposable {
  const commands: { [Id in keyof Commands]: (argument: unknown) => ReturnType<Commands[Id]> } = {
    'counterpoint.runWorkflow': (argument) => runWorkflow(bench, startRequest(argument)),
    'counterpoint.showRun': (argument) => showRun(bench, read(runId, argument)),
    'counterpoint.stopRun': (argument) => stopRun(bench, read(runId, argument)),
    'counterpoint.resumeRun': (argument) => resumeRun(bench, read(runId, argument)),
    'counterpoint.openReport': (argument) => openReport(bench, read(runId, argument)),
    'counterpoint.setAnthropicKey': () => bench.key.ask(),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, handler]) =>
      vscode.commands.registerCommand(id, async (argument: unknown) => {
        try {
          return await handler(argument);
        } catch (error) {
          if (argument !== undefined) throw error;
          showFailure(error);
          return undefined;
        }
      }),
    ),
  );
}

function startRequest(argument: unknown): StartRequest | undefined {
  const parsed = read(request, argument);
  if (!parsed) return undefined;
  const { script, provider, args, model, limits } = parsed;
  return {
    script,
    provider,
    ...(args !== undefined && { args: args as Json }),
    ...(model !== undefined && { model }),
    ...(limits && { limits: limits as StartRequest['limits'] }),
  };
}

/** @throws UserError where the argument of a command is not what its signature says. */
function read<T>(schema: z.ZodMiniType<T>, argument: unknown): T {
  const parsed = schema.safeParse(argument);
  if (parsed.success) return parsed.data;
  throw new UserError('bad-arguments', `The command does not take this argument: ${z.prettifyError(parsed.error)}`);
}

/** Shows what a person can mend, with the button that helps to mend it. */
export function showFailure(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const [button, command] = remedy(error);
  void vscode.window.showErrorMessage(message, ...(button ? [button] : [])).then((chosen) => {
    if (chosen && command) void vscode.commands.executeCommand(command);
  });
}

function remedy(error: unknown): [button: string, command: string] | [] {
  if (!(error instanceof UserError) || error instanceof ScriptRefusedError) return [];
  if (error.code === 'not-trusted') return ['Manage Trust', 'workbench.trust.manage'];
  if (error.code === 'no-key') return ['Set API Key…', 'counterpoint.setAnthropicKey'];
  if (error.code === 'workspace-unusable' && !vscode.workspace.workspaceFolders)
    return ['Open Folder', 'workbench.action.files.openFolder'];
  return [];
}
