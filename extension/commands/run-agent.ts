import * as vscode from 'vscode';
import { PROFILES, type Profile } from '../protocol/permissions.ts';
import { plainLabel } from '../protocol/plain-text.ts';
import { type AgentTask, agentRun, requireModel } from '../runs/agent-task.ts';
import type { StartRequest } from '../runs/run-service.ts';
import { doOrAsk } from './approve-run.ts';
import { selectedText, taskAsker, typeAskers } from './ask-task.ts';
import { askAndDo } from './hand-out.ts';
import type { ChosenModel } from './pick-model.ts';
import { plain } from './plain-text.ts';
import { askModel, startRun } from './run-workflow.ts';
import { runSettings } from './settings.ts';
import { type Asker, pickStep } from './steps.ts';
import { newDraft, taskOf } from './task-draft.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust, type TrustedWorkspace } from './workspaces.ts';

/** A task for one agent, by whoever says all of it. */
export type AgentArgument = AgentTask & ChosenModel & Pick<StartRequest, 'profile' | 'limits'>;

const TITLE = 'Run Agent in Background';
const PROMPT = 'One agent does it, in a run of its own.';

/**
 * Asks for a task, what the agent may do, and who answers, and has it done while the person does something else: no panel opens,
 * and they are told when it is done. Gives the run's id; undefined where they turned away.
 */
export async function runAgent(bench: Workbench): Promise<string | undefined> {
  const trust = requireTrust();
  const selected = selectedText();
  const folder = await bench.workspaces.choose();
  if (!folder) return undefined;
  const workspace: TrustedWorkspace = { ...(await bench.workspaces.open(folder)), ...trust };
  const draft = newDraft();
  const chosen: { profile: Profile; model?: ChosenModel } = { profile: runSettings(folder).profile ?? 'read-only' };
  const forModel: Asker = async (place) => {
    const picked = await askModel(bench, place, { asks: 'Which model should do it?', ownTask: true });
    if (picked.type === 'next') chosen.model = picked.value;
    return picked;
  };
  const ofType = await typeAskers(draft, workspace.runs);
  const askers = [taskAsker(draft, selected, { prompt: PROMPT }), ...ofType, profileAsker(chosen), forModel];
  return askAndDo(
    TITLE,
    () => askers,
    async () => {
      if (!chosen.model) return undefined;
      const { typed, selection, agentType } = draft;
      const task = {
        task: taskOf(draft, selected),
        ...(selection !== 'task' && { name: plain(typed) }),
        ...(agentType !== null && { agentType }),
      };
      const wanted = { ...agentRun(bench.bundled, task), ...chosen.model, profile: chosen.profile };
      const begin = (digest: string) => beginUnseen(bench, workspace, { ...wanted, digest });
      return doOrAsk(bench, workspace, wanted, { begin });
    },
  );
}

/** As `runAgent`, for whoever says all of it and has decided that it may run. @throws UserError. */
export async function runTask(bench: Workbench, { provider, model, profile, limits, ...task }: AgentArgument) {
  const trust = requireTrust();
  requireModel(provider);
  const folder = await bench.workspaces.choose();
  if (!folder) return undefined;
  const workspace = { ...(await bench.workspaces.open(folder)), ...trust };
  return beginUnseen(bench, workspace, {
    ...agentRun(bench.bundled, task),
    provider,
    ...(model !== undefined && { model }),
    ...(profile && { profile }),
    ...(limits && { limits }),
  });
}

/** Starts a run that nobody has to look at: its end is told, and what it asks is asked. */
async function beginUnseen(bench: Workbench, workspace: TrustedWorkspace, request: StartRequest): Promise<string> {
  const runId = await startRun(workspace, request);
  bench.watch.follow(workspace, runId);
  const name = plainLabel(request.name ?? runId, 60);
  const said = vscode.window.setStatusBarMessage(`$(rocket) “${name}” has begun; you are told when it is done.`, 6_000);
  const unsay = () => said.dispose();
  void workspace.runs.finished(runId).then(unsay, unsay);
  return runId;
}

type ProfileItem = vscode.QuickPickItem & { profile: Profile };

/** Each in a line that is seen whole. */
const PROFILE_WORDS: Record<Profile, { label: string; detail: string }> = {
  'read-only': { label: '$(eye) Read only', detail: 'It looks at your files and changes nothing.' },
  'edit-in-worktrees': {
    label: '$(git-branch) Edit in a worktree',
    detail: 'It edits, and runs programs, in a copy of its own; you apply what you like. Needs git.',
  },
  trusted: {
    label: '$(shield) Trusted',
    detail: 'It edits your files themselves, and runs programs; what leaves the sandbox is asked.',
  },
};

/** What the settings say is offered first. */
function profileAsker(chosen: { profile: Profile }): Asker {
  return async (place) => {
    const picked = await pickStep<ProfileItem>({
      ...place,
      placeholder: 'What may it do?',
      items: PROFILES.map((profile) => ({ ...PROFILE_WORDS[profile], profile })),
      active: ({ profile }) => profile === chosen.profile,
    });
    if (picked.type === 'next') chosen.profile = picked.value.profile;
    return picked;
  };
}
