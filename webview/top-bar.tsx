import { useState } from 'react';
import { totalOf } from '../extension/protocol/run-tree.ts';
import { cost, count, duration, line, totalTokens } from './format.ts';
import { Icon } from './icon.tsx';
import { STATUS_WORDS } from './states.ts';
import { useNow, useRun, useStore, useTree } from './store.ts';
import { useView, useViewState, type ViewName } from './view-state.ts';

const VIEWS: { name: ViewName; label: string }[] = [
  { name: 'tree', label: 'Tree' },
  { name: 'list', label: 'List' },
  { name: 'report', label: 'Report' },
];

/** What runs, how long, how far; the views; stop and resume. */
export function TopBar() {
  const tree = useTree();
  return (
    <header className="top-bar">
      <h1 className="run-name" title={line(tree.run?.description ?? '')}>
        {line(tree.run?.name ?? 'run', 80)}
      </h1>
      <StatusPill />
      <Facts />
      <nav className="views" aria-label="Views">
        <Views />
        <RunActions />
      </nav>
    </header>
  );
}

function StatusPill() {
  const status = useRun((store) => store.status());
  const tree = useTree();
  const now = useNow();
  const { icon, word, tone } = STATUS_WORDS[status];
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

function Facts() {
  const tree = useTree();
  const total = totalOf(tree.counts);
  const settled = total - tree.counts.waiting - tree.counts.working;
  const tokens = totalTokens(tree.usage);
  const budget = tree.run?.limits.budget ?? null;
  return (
    <div className="facts">
      <span>
        <b>{settled}</b> of {total} agents
      </span>
      {tree.counts.working > 0 && (
        <span>
          <b>{tree.counts.working}</b> at work
        </span>
      )}
      {tokens > 0 && (
        <span
          title={budget === null ? undefined : `${count(tree.usage.outputTokens)} of ${count(budget)} output tokens`}
        >
          <b>{count(tokens)}</b> tokens
          {tree.usage.costUsd !== null && (
            <>
              {' · '}
              <b>{cost(tree.usage.costUsd)}</b>
            </>
          )}
        </span>
      )}
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
      <span className="fact-provider">{line(providerOf(tree.run), 60)}</span>
    </div>
  );
}

function providerOf(run: { provider: string; providerTitle: string; model: string } | null): string {
  if (!run) return '';
  return run.provider === 'builtin' ? run.providerTitle : run.model || run.providerTitle;
}

function Views() {
  const view = useView();
  const current = useViewState((state) => state.view);
  return (
    <div className="segmented">
      {VIEWS.map(({ name, label }) => (
        <button
          key={name}
          type="button"
          aria-pressed={current === name}
          className={current === name ? 'active' : ''}
          onClick={() => view.change({ view: name })}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function RunActions() {
  const { host } = useStore();
  const status = useRun((store) => store.status());
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  if (host.kind === 'page') return null;
  const act = (method: 'stop' | 'resume') => {
    setBusy(true);
    setProblem(null);
    host
      .request({ method })
      .catch((error: Error) => setProblem(error.message))
      .finally(() => setBusy(false));
  };
  const resumable = status === 'interrupted' || status === 'failed' || status === 'stopped';
  return (
    <>
      {problem && (
        <span className="problem" role="alert">
          {line(problem, 200)}
        </span>
      )}
      {status === 'running' && (
        <button type="button" className="button" disabled={busy} onClick={() => act('stop')}>
          <Icon name="debug-stop" /> Stop
        </button>
      )}
      {resumable && (
        <button type="button" className="button primary" disabled={busy} onClick={() => act('resume')}>
          <Icon name="play" /> Resume
        </button>
      )}
    </>
  );
}
