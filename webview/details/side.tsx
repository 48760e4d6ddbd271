import { useEffect, useRef } from 'react';
import { Icon } from '../icon.tsx';
import { SIDE } from '../markdown/load.ts';
import { useFurther } from '../markdown/use-further.ts';
import { useView, useViewState } from '../view-state.ts';

/** The drill-down of the selection: beside the tree, or a sheet below it where there is no room. */
export function Side() {
  const view = useView();
  const selected = useViewState((state) => state.selected);
  const parts = useFurther(SIDE);
  const body = useRef<HTMLElement>(null);
  const key = JSON.stringify(selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another selection starts at its top.
  useEffect(() => {
    if (body.current) body.current.scrollTop = 0;
  }, [key]);
  return (
    <aside className="side" aria-label="Details">
      <button
        type="button"
        className="icon-button side-close"
        aria-label="Close the details"
        title="Close (Escape)"
        onClick={() => view.select(null)}
      >
        <Icon name="close" />
      </button>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="side-body" ref={body} tabIndex={0} aria-label="Details of the selection">
        {parts ? <parts.Selected key={key} body={body} /> : <p className="quiet">Fetching the details…</p>}
      </section>
    </aside>
  );
}
