import { useEffect, useState } from 'react';
import type { AgentChanges } from '../../extension/protocol/panel-messages.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { ExactText } from '../permission/exact-text.tsx';
import { Problem } from '../steer/agent-actions.tsx';
import { type Asking, useAsk } from '../steer/use-ask.ts';
import { useRun, useStore } from '../store.ts';
import { Section } from './parts.tsx';

/** So many files are named at first. */
const SHORT = 10;

/** What an agent left in a worktree of its own: its files, the diff, and the way into the workspace. */
export function ChangesSection({ call }: { call: CallNode }) {
  const { host } = useStore();
  const told = call.settled?.changedFiles ?? 0;
  const { changes, again } = useChanges(call, told > 0 && host.kind === 'editor');
  // Of a fork, or where the folder was cleared, nothing is left of what was told.
  if (told === 0 || changes === null) return null;
  return (
    <Section title="Changes" extra={<span className="quiet">{plural(changes?.count ?? told, 'file')}</span>}>
      {host.kind === 'page' && <p className="quiet">It changed them in a worktree of its own.</p>}
      {changes && <FileList files={changes.files} count={changes.count} />}
      {changes && <Actions call={call} changes={changes} again={again} />}
    </Section>
  );
}

/** `changes` are undefined until the host has told them, and null where there are none. `again` asks anew. */
function useChanges(call: CallNode, wanted: boolean): { changes: AgentChanges | null | undefined; again(): void } {
  const { host, runId } = useStore();
  const [times, setTimes] = useState(0);
  const [changes, setChanges] = useState<AgentChanges | null>();
  const { id, key } = call.info;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt of the script may give the number to another call.
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    const take = (answer: AgentChanges | null) => {
      if (current) setChanges(answer);
    };
    // What cannot be looked up is not offered; the command of the palette says why.
    host.request({ method: 'changes', call: id }).then(take, () => take(null));
    return () => {
      current = false;
    };
  }, [host, runId, id, key, wanted, times]);
  return { changes, again: () => setTimes((count) => count + 1) };
}

/** @param count Of all; more than there are here, where only the first are known. */
function FileList({ files, count }: { files: string[]; count: number }) {
  const [all, setAll] = useState(false);
  const named = all ? files : files.slice(0, SHORT);
  return (
    <>
      <ul className="plain changed-files">
        {named.map((file) => (
          <li key={file}>
            <ExactText text={file} />
          </li>
        ))}
        {all && count > files.length && <li className="quiet">and {count - files.length} more, in the diff</li>}
      </ul>
      {!all && count > named.length && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          Show all {count.toLocaleString('en')} files
        </button>
      )}
    </>
  );
}

function Actions({ call, changes, again }: { call: CallNode; changes: AgentChanges; again: () => void }) {
  const asking = useAsk();
  const on = { call: call.info.id, key: call.info.key };
  const apply = async () => {
    if (await asking.ask({ method: 'apply-changes', on })) again();
  };
  return (
    <>
      {changes.applied && <Applied conflicts={changes.conflicts} />}
      <span className="side-actions">
        <button
          type="button"
          className="button"
          aria-disabled={asking.busy}
          onClick={() => void asking.ask({ method: 'show-changes', on })}
        >
          <Icon name="diff" /> Show Diff
        </button>
        {!changes.applied && <ApplyButton asking={asking} apply={() => void apply()} />}
      </span>
      <Problem asking={asking} className="form-problem" />
    </>
  );
}

function ApplyButton({ asking, apply }: { asking: Asking; apply: () => void }) {
  const restricted = useRun((store) => store.restricted);
  const hint = 'Put them into the workspace; you see the diff, and are asked before';
  return (
    <button
      type="button"
      className="button primary"
      title={restricted ? 'Not in a folder that is not trusted' : hint}
      aria-disabled={asking.busy || restricted}
      onClick={() => !restricted && apply()}
    >
      <Icon name="git-merge" /> Apply Changes…
    </button>
  );
}

function Applied({ conflicts }: { conflicts: string[] }) {
  if (conflicts.length === 0)
    return (
      <p className="sent" role="status">
        <Icon name="check" /> Applied: they are in the workspace.
      </p>
    );
  return (
    <div className="aside is-unverified" role="status">
      <p>
        <Icon name="warning" /> Applied, but others had changed the same places. Look for &lt;&lt;&lt;&lt;&lt;&lt;&lt;
        and settle it in:
      </p>
      <FileList files={conflicts} count={conflicts.length} />
    </div>
  );
}
