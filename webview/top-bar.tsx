import { type KeyboardEvent, useRef } from 'react';
import type { Profile } from '../extension/protocol/permissions.ts';
import type { RunLimits, Usage } from '../extension/protocol/run-events.ts';
import { totalOf } from '../extension/protocol/run-tree.ts';
import { usedWords } from '../extension/protocol/usage-words.ts';
import { FindButton } from './find/find-button.tsx';
import { cost, count, duration, line, plural, totalTokens } from './format.ts';
import { Icon } from './icon.tsx';
import { PAUSED, PROFILE_LOOKS, STATUS_WORDS } from './states.ts';
import { runMenu } from './steer/native-menu.ts';
import { RunActions } from './steer/run-actions.tsx';
import { useNow, usePermissions, useQuestions, useRun, useStore, useTree } from './store.ts';
import { useView, useViewState, type ViewName } from './view-state.ts';

const VIEWS: readonly { name: ViewName; label: string }[] = [
  { name: 'tree', label: 'Tree' },
  { name: 'timeline', label: 'Timeline' },
  { name: 'list', label: 'List' },
  { name: 'report', label: 'Report' },
];

/** What runs, how long, how far, what waits for a person; the views; what can be done to the run. */
export function TopBar({ help }: { help: () => void }) {
  const { runId } = useStore();
  return (
    <header className="top-bar" {...runMenu(runId)}>
      <RunName />
      <StatusPill />
      <Questions />
      <Permissions />
      <Facts />
      <div className="bar-end">
        <nav className="views" aria-label="Views">
          <Views />
          <FindButton />
        </nav>
        <RunActions help={help} />
      </div>
    </header>
  );
}

export function RunName() {
  const tree = useTree();
  const view = useView();
  const selected = useViewState((state) => state.selected?.type === 'run');
  return (
    <h1 className="run-name" title={line(tree.run?.description ?? '')}>
      <button type="button" aria-pressed={selected} onClick={() => view.select(selected ? null : { type: 'run' })}>
        {line(tree.run?.name ?? 'run', 80)}
      </button>
    </h1>
  );
}

function StatusPill() {
  const status = useRun((store) => store.status());
  const tree = useTree();
  const now = useNow();
  const { icon, word, tone } = tree.paused ? PAUSED : STATUS_WORDS[status];
  const begun = tree.startedAt ?? tree.createdAt;
  const elapsed = begun > 0 ? duration((tree.endedAt ?? now) - begun) : '';
  return (
    <span className={`pill is-${tone}`}>
      <Icon name={icon} />
      <span>{word}</span>
      {elapsed && <span className="pill-time">{elapsed}</span>}
      {tree.attempt > 1 && <span>attempt {tree.attempt}</span>}
    </span>
  );
}

/** How many questions wait for a person; leads to one after the other. */
function Questions() {
  const questions = useQuestions();
  const view = useView();
  const last = useRef(0);
  if (questions.length === 0) return null;
  const next = () => {
    const call = questions.find(({ info }) => info.id > last.current) ?? questions[0];
    if (!call) return;
    last.current = call.info.id;
    view.bringIntoView(call.info.id);
  };
  return (
    <button type="button" className="pill is-asks" title="Show what is asked" onClick={next}>
      <Icon name="debug-breakpoint-log" /> {plural(questions.length, 'question')}
    </button>
  );
}

/** How many tool calls wait for a yes or no; leads to one after the other. */
function Permissions() {
  const asking = usePermissions();
  const view = useView();
  const last = useRef(0);
  if (asking.length === 0) return null;
  const count = asking.reduce((sum, { asks }) => sum + asks.length, 0);
  const next = () => {
    const call = asking.find(({ info }) => info.id > last.current) ?? asking[0];
    if (!call) return;
    last.current = call.info.id;
    view.decide(call.info.id);
  };
  return (
    <button type="button" className="pill is-asks" title="Show which tool call waits for a yes or no" onClick={next}>
      <Icon name="shield" /> {plural(count, 'permission')}
    </button>
  );
}

function Facts() {
  const tree = useTree();
  const running = useRun((store) => store.status() === 'running');
  const total = totalOf(tree.counts);
  const settled = total - tree.counts.waiting - tree.counts.working;
  const limits = tree.run?.limits;
  return (
    <div className="facts">
      <span>
        <b>{settled}</b> of {total} agents
      </span>
      {running && limits && (
        <span title={`At most ${plural(limits.concurrency, 'agent')} at a time`}>
          <b>{tree.counts.working}</b> at work <span className="quiet fact-cap">of at most {limits.concurrency}</span>
        </span>
      )}
      <Spent usage={tree.usage} limits={limits} />
      {tree.counts.failed > 0 && (
        <span className="fact-failed">
          <Icon name="close" />
          <b>{tree.counts.failed}</b> failed
        </span>
      )}
      {tree.dropped > 0 && (
        <span title="Items that became null because something in them failed">
          <b>{tree.dropped}</b> dropped
        </span>
      )}
      <MayDo profile={tree.run?.profile ?? 'read-only'} />
      <span className="fact-provider">{line(providerOf(tree.run), 60)}</span>
    </div>
  );
}

/** What its agents may do, where that is more than to look: whoever sees the run should know that it changes something. */
function MayDo({ profile }: { profile: Profile }) {
  if (profile === 'read-only') return null;
  const { icon, word, hint } = PROFILE_LOOKS[profile];
  return (
    <span className="fact-profile" title={hint}>
      <Icon name={icon} /> {word}
    </span>
  );
}

/** What was used, each beside its cap where it has one. The budget is of output tokens. */
function Spent({ usage, limits }: { usage: Usage; limits: RunLimits | undefined }) {
  const tokens = totalTokens(usage);
  const { budget = null, maxCostUsd = null } = limits ?? {};
  if (tokens === 0 && budget === null && maxCostUsd === null) return null;
  return (
    <>
      <span>
        <b>{usedWords(usage, count(tokens))}</b> tokens
        {budget !== null && (
          <span className="fact-cap">
            {' · '}
            <b>{count(usage.outputTokens)}</b> <span className="quiet">of {count(budget)} output</span>
          </span>
        )}
      </span>
      {(usage.costUsd !== null || maxCostUsd !== null) && (
        <span>
          <b>{usage.costUsd === null ? 'cost unknown' : usedWords(usage, cost(usage.costUsd))}</b>
          {maxCostUsd !== null && <span className="quiet"> of {cost(maxCostUsd)}</span>}
        </span>
      )}
    </>
  );
}

export function providerOf(run: { provider: string; providerTitle: string; model: string } | null): string {
  if (!run) return '';
  return run.provider === 'builtin' ? run.providerTitle : run.model || run.providerTitle;
}

/** One stop of Tab; the arrows go from view to view, as in a toolbar. */
export function Views({ views = VIEWS }: { views?: typeof VIEWS }) {
  const view = useView();
  const current = useViewState((state) => state.view);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const buttons = [...event.currentTarget.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 };
    const next = steps[event.key];
    if (next === undefined) return;
    buttons[(next + buttons.length) % buttons.length]?.focus();
    event.preventDefault();
  };
  return (
    <div className="segmented" role="toolbar" aria-label="Views of the run" onKeyDown={onKeyDown}>
      {views.map(({ name, label }) => (
        <button
          key={name}
          type="button"
          aria-pressed={current === name}
          tabIndex={current === name ? 0 : -1}
          className={current === name ? 'active' : ''}
          onClick={() => view.change({ view: name })}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
