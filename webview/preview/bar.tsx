import type { PreviewMessage } from '../../extension/protocol/panel-messages.ts';
import type { Preview } from '../../extension/protocol/preview.ts';
import { FindButton } from '../find/find-button.tsx';
import { cost, count, line } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useTree } from '../store.ts';
import { providerOf, RunName, Views } from '../top-bar.tsx';
import { agentWord, bounds, costWords, likely, rangeWords, roughTime, tokensOf, whole } from './words.ts';

const VIEWS = [
  { name: 'tree', label: 'Tree' },
  { name: 'list', label: 'List' },
] as const;

/** What it is a preview of, and what it comes to; a preview has no timeline, no report and nothing to steer. */
export function PreviewBar({ message, preview }: { message: PreviewMessage; preview: Preview | null }) {
  return (
    <header className="top-bar">
      {preview && <RunName />}
      <Pill message={message} />
      {preview && <Facts preview={preview} />}
      <div className="bar-end">
        <nav className="views" aria-label="Views">
          <Views views={VIEWS} />
          <FindButton />
        </nav>
      </div>
    </header>
  );
}

/** As wide whatever it says: what is beside it stays where it is while somebody types. */
function Pill({ message: { problem, stale } }: { message: PreviewMessage }) {
  const [tone, icon, word] = stale
    ? ['working', 'sync', 'Updating…']
    : problem
      ? ['failed', 'error', 'No preview']
      : ['planned', 'open-preview', 'Preview'];
  return (
    <span className={`pill preview-pill is-${tone}`}>
      <Icon name={icon} />
      <span>{word}</span>
    </span>
  );
}

function Facts({ preview }: { preview: Preview }) {
  const { agents, costUsd, durationMs } = preview;
  const tokens = tokensOf(preview);
  return (
    <div className="facts">
      <span>
        <b>{likely(agents, whole)}</b> {agentWord(agents)} <span className="quiet">{bounds(agents, whole)}</span>
      </span>
      <span className="fact-cap" title={rangeWords(tokens, count, 'tokens')}>
        <b>{likely(tokens, count)}</b> tokens
      </span>
      <span>
        {costUsd === null || costUsd.high === 0 ? (
          <>cost {costWords(preview)}</>
        ) : (
          <>
            <b>{costWords(preview)}</b> <span className="quiet fact-cap">{bounds(costUsd, cost)}</span>
          </>
        )}
      </span>
      <span className="fact-cap" title={rangeWords(durationMs, roughTime)}>
        <b>{likely(durationMs, roughTime)}</b>
      </span>
      <Provider />
    </div>
  );
}

function Provider() {
  const { run } = useTree();
  return <span className="fact-provider">{line(providerOf(run), 60)}</span>;
}
