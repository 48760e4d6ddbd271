import { useEffect, useRef } from 'react';
import { duration, line, plural, shown } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useTree } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';

const ICONS = { info: 'info', warning: 'warning', error: 'error' };
/** Older lines stay in the journal; the drawer is no place for a hundred thousand of them. */
const LONGEST = 1000;

/** What the script and the run have said: one line always in sight, all of it on demand. */
export function LogDrawer() {
  const { logs, createdAt } = useTree();
  const view = useView();
  const open = useViewState((state) => state.logOpen);
  const end = useRef<HTMLDivElement>(null);
  const total = logs.length;
  useEffect(() => {
    if (open && total > 0) end.current?.scrollIntoView({ block: 'end' });
  }, [open, total]);
  if (total === 0) return null;
  const warnings = logs.filter((entry) => entry.level !== 'info').length;
  const latest = logs[total - 1];
  return (
    <section className={`log${open ? ' open' : ''}`} aria-label="Log">
      <button type="button" className="log-head" aria-expanded={open} onClick={() => view.change({ logOpen: !open })}>
        <Icon name={open ? 'chevron-down' : 'chevron-right'} />
        <b>Log</b>
        <span className="quiet">{plural(total, 'line')}</span>
        {warnings > 0 && (
          <span className="log-warnings">
            <Icon name="warning" /> {plural(warnings, 'warning')}
          </span>
        )}
        {!open && latest && <span className="log-latest">{line(latest.message, 200)}</span>}
      </button>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <div className="log-lines" tabIndex={0} role="log">
          {total > LONGEST && <div className="log-line quiet">{total - LONGEST} older lines are in the journal.</div>}
          {logs.slice(-LONGEST).map((entry, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added.
            <div key={index} className={`log-line is-${entry.level}`}>
              <span className="log-time">{duration(entry.at - createdAt)}</span>
              <Icon name={ICONS[entry.level]} />
              <span className="unseen">{entry.level}</span>
              <span className="log-text">{shown(entry.message.slice(0, 4000))}</span>
            </div>
          ))}
          <div ref={end} />
        </div>
      )}
    </section>
  );
}
