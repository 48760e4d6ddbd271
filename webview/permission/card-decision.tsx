import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { line } from '../format.ts';
import { Icon } from '../icon.tsx';
import type { Asking } from '../steer/use-ask.ts';
import { useRun, useStore } from '../store.ts';
import { useView } from '../view-state.ts';

/**
 * What a card that waits for a permission has room for: a no, and the way to the question. A yes is given where all that
 * it would do can be read.
 */
export function CardDecision({ call, asking }: { call: CallNode; asking: Asking }) {
  const view = useView();
  const { host } = useStore();
  const restricted = useRun((store) => store.restricted);
  const [question] = call.asks;
  const { id, key, label } = call.info;
  if (!question) return null;
  const name = line(label, 80);
  const off = asking.busy || restricted;
  const deny = () => {
    if (!off) void asking.ask({ method: 'permit', on: { call: id, key }, permission: question.id, answer: 'deny' });
  };
  return (
    <span className="card-actions">
      <button
        type="button"
        className="icon-button"
        title="Decide…: see all that it would do, and allow or deny it"
        aria-label={`Decide what ${name} may do`}
        onClick={() => view.decide(id)}
      >
        <Icon name="shield" />
      </button>
      {host.kind === 'editor' && (
        <button
          type="button"
          className="icon-button"
          title={
            restricted ? 'Deny: not in a folder that is not trusted' : 'Deny: it is told no, and goes on without it'
          }
          aria-label={`Deny what ${name} asks for`}
          aria-disabled={off}
          onClick={(event) => event.detail < 2 && deny()}
        >
          <Icon name="circle-slash" />
        </button>
      )}
    </span>
  );
}
