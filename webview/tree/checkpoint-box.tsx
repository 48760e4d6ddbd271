import { createContext, useContext, useEffect, useRef } from 'react';
import type { CheckpointInfo } from '../../extension/protocol/run-events.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { momentWords } from '../../extension/protocol/wait-words.ts';
import { AnswerForm } from '../checkpoint/answer-form.tsx';
import { defaultWords, endWords, waitsWords } from '../checkpoint/words.ts';
import { line, shown } from '../format.ts';
import { StateIcon } from '../icon.tsx';
import { isOpenQuestion, stateOfCall } from '../states.ts';
import { checkpointMenu } from '../steer/native-menu.ts';
import { useCall, useClock, usePicture, useStore } from '../store.ts';
import { useView, useViewState } from '../view-state.ts';

/** Tells the layout how high a box is; the id is that of the box. */
const MeasureContext = createContext<(id: string, height: number) => void>(() => undefined);
export const MeasureProvider = MeasureContext.Provider;

/** The borders of a card, above and below. */
const BORDERS = 2;

/** A question to a person: amber while it waits, with all that it takes to answer it; dimmed once it is answered. */
export function CheckpointBox({ id }: { id: number }) {
  const call = useCall(id);
  const tree = usePicture();
  const { runId } = useStore();
  const selected = useViewState((state) => state.selected?.type === 'call' && state.selected.id === id);
  const measure = useContext(MeasureContext);
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = content.current;
    if (!element) return;
    const observer = new ResizeObserver(() => measure(`call:${id}`, element.offsetHeight + BORDERS));
    observer.observe(element);
    return () => observer.disconnect();
  }, [id, measure]);
  const asks = call?.info.checkpoint;
  const open = call !== undefined && isOpenQuestion(tree, call);
  const planned = tree.run?.preview === true;
  return (
    <div
      className={`card checkpoint is-${call ? stateOfCall(tree, call) : 'none'}${open || planned ? '' : ' over'}${selected ? ' selected' : ''}`}
      {...(open && checkpointMenu(runId, call))}
    >
      <div className="checkpoint-content" ref={content}>
        {call && asks && <Question call={call} asks={asks} open={open} />}
        {call && asks && open && <Asking call={call} asks={asks} />}
        {asks && planned && <Planned asks={asks} />}
        {call && !open && !planned && <Answered call={call} />}
      </div>
    </div>
  );
}

function Question({ call, asks, open }: { call: CallNode; asks: CheckpointInfo; open: boolean }) {
  const tree = usePicture();
  const waits = useClock((now) => waitsWords(asks, now));
  const view = useView();
  const selected = useViewState((state) => state.selected?.type === 'call' && state.selected.id === call.info.id);
  return (
    <button
      type="button"
      className="checkpoint-head"
      aria-pressed={selected}
      onClick={() => view.select({ type: 'call', id: call.info.id })}
    >
      <span className="card-line">
        <StateIcon state={stateOfCall(tree, call)} />
        <span className="card-title">Checkpoint</span>
        <span className="card-fact" title={open ? `Asked ${momentWords(asks.askedAt)}` : undefined}>
          {open ? waits : ''}
        </span>
      </span>
      <span className="checkpoint-question">{shown(asks.question)}</span>
    </button>
  );
}

function Asking({ call, asks }: { call: CallNode; asks: CheckpointInfo }) {
  const byItself = useClock((now) => defaultWords(asks, now));
  return (
    <>
      {asks.detail && <p className="checkpoint-detail">{shown(asks.detail)}</p>}
      <AnswerForm call={call} />
      {byItself && <p className="checkpoint-default">{byItself}</p>}
    </>
  );
}

/** What will be asked, when it has come so far. */
function Planned({ asks: { detail, choices } }: { asks: CheckpointInfo }) {
  return (
    <>
      {detail && <p className="checkpoint-detail">{shown(detail)}</p>}
      <p className="quiet">{choices.map((choice) => line(choice, 60)).join(' · ')}</p>
    </>
  );
}

function Answered({ call }: { call: CallNode }) {
  const answer = call.settled?.answer;
  return (
    <>
      <p className="checkpoint-answer">
        {answer && <b>{line(answer.choice, 100)}</b>} <span className="quiet">{endWords(call)}</span>
      </p>
      {answer?.comment && <p className="checkpoint-comment">“{line(answer.comment, 200)}”</p>}
    </>
  );
}
