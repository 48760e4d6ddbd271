import type { MouseEvent } from 'react';
import type { CallNode, RunTree } from '../../extension/protocol/run-tree.ts';
import { line } from '../format.ts';
import { Icon, StateIcon } from '../icon.tsx';
import { challengersOf, markOf, standingOf } from '../states.ts';
import { useGroup, useItems, useStore } from '../store.ts';
import { type Selection, useCursor, useView, useViewState } from '../view-state.ts';
import type { BoxItem } from './layout.ts';

/** A claim under challenge: one mark a challenger, and the verdict in words. */
export function ClaimBox({ item }: { item: Extract<BoxItem, { kind: 'claim' }> }) {
  const { tree } = useStore();
  const group = useGroup(item.group);
  const calls = useItems((store) => challengersIn(store.tree, item.group));
  const view = useView();
  const selection = useViewState((state) => state.selected);
  const selected = selection?.type === 'group' && selection.id === item.group;
  const cursor = useCursor((current) => (current?.type === 'call' ? current.id : null));
  if (!group) return null;
  const marked = selection?.type === 'call' ? selection.id : null;
  const standing = standingOf(tree, group);
  const marks = Array.from({ length: Math.max(group.info.size, calls.length) }, (_, index) =>
    markOfChallenger(calls.find((call) => call.info.slot[0] === index)),
  );
  return (
    <button
      type="button"
      className={`card claim is-${standing.state}${selected ? ' selected' : ''}`}
      aria-pressed={selected}
      onClick={(event) => view.select(markedCall(event) ?? { type: 'group', id: item.group })}
    >
      <span className="card-line">
        <StateIcon state={standing.state} word="Claim:" />
        <span className="card-title" title={line(group.info.label)}>
          {line(group.info.label) || 'claim'}
        </span>
        <span className="card-fact">{standing.words}</span>
      </span>
      <span className="card-line">
        <Place detail={line(group.info.detail)} />
        <span className="marks">
          {marks.map((mark, index) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: a mark is its challenger's place.
              key={index}
              className={`mark is-${mark.state}${mark.call === marked ? ' selected' : ''}${mark.call === cursor ? ' walked' : ''}`}
              data-call={mark.call}
              title={`${line(group.info.labels[index] ?? '', 60)} ${mark.word}`}
            >
              <Icon name={mark.icon} />
              <span className="unseen">{`challenger ${index + 1} ${mark.word}`}</span>
            </span>
          ))}
        </span>
      </span>
    </button>
  );
}

function challengersIn(tree: RunTree, id: number): CallNode[] {
  const group = tree.groups.get(id);
  return group ? challengersOf(tree, group) : [];
}

function markOfChallenger(call: CallNode | undefined) {
  return { ...markOf(call), call: call?.info.id };
}

/** A click on a mark goes straight to its challenger; the keyboard gets there through the claim. */
function markedCall(event: MouseEvent): Selection | null {
  const mark = event.target instanceof Element ? event.target.closest('[data-call]') : null;
  const id = Number(mark?.getAttribute('data-call'));
  return mark && id > 0 ? { type: 'call', id } : null;
}

/** A place in a file, cut in its folders rather than at its name and line. */
function Place({ detail }: { detail: string }) {
  const cut = detail.lastIndexOf('/') + 1;
  return (
    <span className="card-doing place" title={detail}>
      {cut > 0 && <span className="place-folder">{detail.slice(0, cut)}</span>}
      <span className="place-file">{detail.slice(cut)}</span>
    </span>
  );
}
