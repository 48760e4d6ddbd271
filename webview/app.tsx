import { Component, type ReactNode, useCallback, useState } from 'react';
import { Side } from './details/side.tsx';
import { FindBar } from './find/find-bar.tsx';
import { Icon } from './icon.tsx';
import { AgentList } from './list/agent-list.tsx';
import { LogDrawer } from './list/log-drawer.tsx';
import { NothingYet } from './list/nothing.tsx';
import { ReportView } from './report-view.tsx';
import { StandstillNotice } from './standstill.tsx';
import { useRun } from './store.ts';
import { TimelineView } from './timeline/timeline-view.tsx';
import { TopBar } from './top-bar.tsx';
import { TreeView } from './tree/tree-view.tsx';
import { useViewState, type ViewName } from './view-state.ts';
import { Announcer } from './walk/announcer.tsx';
import { useWayBack } from './walk/focus.ts';
import { HelpSheet } from './walk/help-sheet.tsx';
import { Keys } from './walk/keys.tsx';

export function App() {
  const gone = useRun((store) => store.gone);
  const loaded = useRun((store) => store.loaded);
  const selected = useViewState((state) => state.selected);
  const name = useViewState((state) => state.view);
  const [helping, setHelping] = useState(false);
  const help = useCallback(() => setHelping(true), []);
  useWayBack();
  if (gone !== null) return <Notice icon="error" title="This run cannot be shown" text={gone} />;
  if (!loaded) return <Skeleton />;
  return (
    <Guard>
      <div className={`app${selected ? ' with-side' : ''}`}>
        <TopBar help={help} />
        <Announcer />
        <main className="main">
          <div className="stage">
            <StandstillNotice />
            {name !== 'report' && <FindBar />}
            <Guard key={name}>
              <Shown name={name} />
            </Guard>
            <LogDrawer />
          </div>
          {selected && (
            <Guard key={JSON.stringify(selected)}>
              <Side />
            </Guard>
          )}
        </main>
        <Keys help={help} />
        {helping && <HelpSheet close={() => setHelping(false)} />}
      </div>
    </Guard>
  );
}

function Shown({ name }: { name: ViewName }) {
  switch (name) {
    case 'timeline':
      return <TimelineView />;
    case 'list':
      return <AgentList />;
    case 'report':
      return <ReportView />;
    default:
      return <Tree />;
  }
}

function Tree() {
  const empty = useRun((store) => store.tree.phases.length === 0);
  const waiting = useRun((store) => store.status() === 'running' || store.status() === 'created');
  return empty ? <NothingYet over={!waiting} /> : <TreeView />;
}

export function Notice({ icon, title, text }: { icon: string; title: string; text: string }) {
  return (
    <div className="notice" role="status">
      <Icon name={icon} />
      <h2>{title}</h2>
      <p>{text}</p>
    </div>
  );
}

/** The shape of what will come, while the events are on their way. */
function Skeleton() {
  return (
    <div className="skeleton" role="status">
      <span className="unseen">Loading the run</span>
      {[3, 5, 4, 1].map((cards, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the columns of a skeleton never move.
        <div key={column} className="skeleton-column">
          <span className="skeleton-head" />
          {Array.from({ length: cards }, (_, card) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: nor do its cards.
            <span key={card} className="skeleton-card" />
          ))}
        </div>
      ))}
    </div>
  );
}

/** A defect of one part must leave neither an empty panel nor the other parts away. */
class Guard extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Notice
        icon="error"
        title="The panel failed"
        text={`${this.state.error.message}. Close and open it again; the run itself is not touched.`}
      />
    );
  }
}
