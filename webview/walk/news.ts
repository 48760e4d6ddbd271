import { askWords } from '../../extension/protocol/permission-words.ts';
import { runCensus } from '../../extension/protocol/run-census.ts';
import { openCheckpoints, type RunTree } from '../../extension/protocol/run-tree.ts';
import { line, plural } from '../format.ts';
import { fullLabel, isOpenQuestion, STATUS_WORDS } from '../states.ts';

/** What of a run would be told, as it was at one time. */
export interface Noticed {
  run: string;
  attempt: number;
  seq: number;
  status: RunTree['status'];
  paused: boolean;
  /** Titles of the phases that began. */
  phases: string[];
  failed: number;
  /** Ids of the open questions. */
  asking: number[];
  /** Ids of the questions about tool calls. */
  permissions: number[];
}

export interface News {
  /** Sentences that can wait until the reader has come to an end. */
  polite: string[];
  /** A question to the person, which cannot. */
  asks: string | null;
}

export function notice(tree: RunTree): Noticed {
  return {
    run: tree.run?.id ?? '',
    attempt: tree.attempt,
    seq: tree.lastSeq,
    status: tree.status,
    paused: tree.paused,
    phases: tree.phases.filter(({ beganAt }) => beganAt !== null).map(({ title }) => title),
    failed: tree.counts.failed,
    asking: openCheckpoints(tree)
      .filter((call) => isOpenQuestion(tree, call))
      .map(({ info }) => info.id),
    permissions: [...tree.calls.values()].flatMap((call) => call.asks.map(({ id }) => id)),
  };
}

/** What happened between two looks, the many of a kind in one sentence; nothing where the run was read anew. */
export function newsSince(before: Noticed, now: Noticed, tree: RunTree): News {
  if (now.run !== before.run || now.seq < before.seq) return { polite: [], asks: null };
  const anew = now.attempt !== before.attempt;
  const polite = [
    anew && before.attempt > 0 && `The run goes on, attempt ${now.attempt}.`,
    ...now.phases
      .filter((title) => anew || !before.phases.includes(title))
      .map((title) => `${line(title, 80) || 'A phase'} began.`)
      .slice(-1),
    failures(now.failed - (anew ? 0 : before.failed), tree),
    now.paused !== before.paused && tree.endedAt === null && (now.paused ? 'The run is paused.' : 'The run goes on.'),
    now.status !== before.status && endOf(tree),
  ];
  const asked = now.asking.filter((id) => anew || !before.asking.includes(id));
  const wanted = now.permissions.filter((id) => anew || !before.permissions.includes(id));
  const urgent = [asks(asked, tree), permissionWords(wanted, tree)].filter((words) => words !== null);
  return {
    polite: polite.filter((words) => typeof words === 'string'),
    asks: urgent.length > 0 ? urgent.join(' ') : null,
  };
}

function failures(count: number, tree: RunTree): string | null {
  if (count <= 0) return null;
  if (count > 1) return `${count} agents failed.`;
  const failed = [...tree.calls.values()].filter(({ info, state }) => info.kind === 'agent' && state === 'failed');
  const last = failed.reduce<(typeof failed)[number] | undefined>(
    (latest, call) => (latest && (latest.endedAt ?? 0) > (call.endedAt ?? 0) ? latest : call),
    undefined,
  );
  if (!last) return '1 agent failed.';
  const cause = last.settled?.cause ? `: ${line(last.settled.cause.message, 160)}` : '';
  return `${fullLabel(tree, last)} failed${cause}.`;
}

function asks(ids: number[], tree: RunTree): string | null {
  const [first] = ids;
  const call = first === undefined ? undefined : tree.calls.get(first);
  if (!call) return null;
  if (ids.length > 1) return `${ids.length} checkpoints ask you.`;
  return `A checkpoint asks you: ${line(call.info.checkpoint?.question ?? call.info.label, 300)}`;
}

/** Whose tool call waits for a yes or no, and what it would do. */
function permissionWords(ids: number[], tree: RunTree): string | null {
  if (ids.length === 0) return null;
  if (ids.length > 1) return `${ids.length} tool calls wait for your permission.`;
  for (const call of tree.calls.values()) {
    const question = call.asks.find(({ id }) => id === ids[0]);
    if (question) return `${call.info.kind} ${fullLabel(tree, call)} asks: ${askWords(question, 300)}`;
  }
  return null;
}

/** How it ended, with its census in a sentence. */
function endOf(tree: RunTree): string | null {
  if (tree.status === 'running' || tree.status === 'created') return null;
  if (tree.status === 'interrupted') return 'The run was interrupted.';
  const { succeeded, reused, failed, skipped, verdicts } = runCensus(tree);
  const claims = verdicts.upheld + verdicts.refuted + verdicts.unverified;
  const words = [
    `${plural(succeeded + reused, 'agent')} answered`,
    failed > 0 && `${failed} failed`,
    skipped > 0 && `${skipped} skipped or stopped`,
    claims > 0 &&
      `${plural(claims, 'claim')}: ${verdicts.upheld} upheld, ${verdicts.refuted} refuted, ${verdicts.unverified} unverified`,
  ];
  return `The run ${STATUS_WORDS[tree.status].word}: ${words.filter(Boolean).join(', ')}.`
    .replace('run failed', 'run has failed')
    .replace('run stopped', 'run was stopped');
}
