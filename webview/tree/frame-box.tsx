import { ancestors, totalOf } from '../../extension/protocol/run-tree.ts';
import { line, plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useGroup, usePicture, usePlanned, useRun } from '../store.ts';
import { phaseOf } from './cells.ts';
import { Panel } from './group-boxes.tsx';

/** The frame around what a called script does in a phase; its content lies over it as boxes of their own. */
export function FrameBox({ group: id, empty }: { group: number; empty: boolean }) {
  const group = useGroup(id);
  const live = useRun((store) => store.status() === 'running');
  const planned = usePlanned();
  if (!group) return null;
  const { counts } = group;
  const total = totalOf(counts);
  const done = total - counts.waiting - counts.working;
  const open = group.closedAt === null ? (live ? 'at work' : 'not finished') : 'done';
  return (
    <Panel
      group={id}
      className="frame"
      title={
        <>
          <Icon name="type-hierarchy-sub" />
          <span className="unseen">Workflow</span>
          <b>{line(group.info.label, 80) || 'workflow'}</b>
          <span className="panel-fact">
            {planned ? plural(total, 'agent') : total > 0 ? `${done} of ${total}` : open}
          </span>
        </>
      }
    >
      {empty && <Elsewhere group={id} />}
    </Panel>
  );
}

/** Where a script works that has nothing in its own phase. */
function Elsewhere({ group: id }: { group: number }) {
  const tree = usePicture();
  const phases = new Set<string>();
  for (const { info } of tree.calls.values()) {
    if ([...ancestors(tree, info.group)].some((group) => group.info.id === id)) phases.add(line(phaseOf(info), 40));
  }
  return <span className="quiet">{phases.size > 0 ? `works in ${[...phases].join(', ')}` : 'no agents yet'}</span>;
}
