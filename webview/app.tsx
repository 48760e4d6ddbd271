import { Component, type ReactNode, useCallback, useState } from 'react';
import { Side } from './details/side.tsx';
import { FindBar } from './find/find-bar.tsx';
import { Icon } from './icon.tsx';
import { AgentList } from './list/agent-list.tsx';
import { LogDrawer } from './list/log-drawer.tsx';
import { NothingYet } from './list/nothing.tsx';
import { PREVIEW } from './markdown/load.ts';
import { useLoading } from './markdown/use-further.ts';
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

/** The script for previews is a file of the extension, that may have been updated or removed since this panel was opened. */
const NOT_LOADED = 'A part of the panel could not be loaded. Close this panel and open the preview anew.';

export function App() {
  const gone = useRun((store) => store.gone);
  const loaded = useRun((store) => store.loaded);
  const previews = useRun((store) => store.preview !== null);
  const { parts: preview, error: missing } = useLoading(PREVIEW, previews);
  const selected = useViewState((state) => state.selected);
  const name = useViewState((state) => state.view);
  const [helping, setHelping] = useState(false);
  const help = useCallback(() => setHelping(true), []);
  useWayBack();
  if (gone !== null) return <Notice icon="error" title="This run cannot be shown" text={gone} />;
  if (missing !== null) return <Notice icon="error" title="The preview cannot be shown" text={NOT_LOADED} />;
  if (previews ? !preview : !loaded) return <Skeleton />;
  const stage = (
    <>
      {name !== 'report' && <FindBar />}
      <Guard key={name}>
        <Shown name={name} />
      </Guard>
      <LogDrawer />
    </>
  );
  const details = selected && (
    <Guard key={JSON.stringify(selected)}>
      <Side />
    </Guard>
  );
  const keys = (
    <>
      <Keys help={help} />
      {helping && <HelpSheet close={() => setHelping(false)} />}
    </>
  );
  return (
    <Guard>
      {preview ? (
        <preview.Screen stage={loaded ? stage : <Skeleton />} details={details} keys={keys} />
      ) : (
        <div className="app">
          <TopBar help={help} />
          <Announcer />
          <main className="main">
            <div className="stage">
              <StandstillNotice />
              {stage}
            </div>
            {details}
          </main>
          {keys}
        </div>
      )}
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
