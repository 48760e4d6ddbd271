import { type ReactNode, useEffect } from 'react';
import type { ErrorInfo } from '../../extension/protocol/errors.ts';
import { line } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useRun, useStore } from '../store.ts';
import { Ask } from './ask.tsx';
import { PreviewBar } from './bar.tsx';
import { News } from './news.tsx';
import { Summary } from './summary.tsx';

interface Slots {
  /** The picture, or what stands for it until it is there. */
  stage: ReactNode;
  /** The details of what is selected; they take the place of the summary. */
  details: ReactNode;
  keys: ReactNode;
}

/**
 * What a script would do, before it runs: the tree that it would make, what that comes to, and where it may not run as it
 * is, the question whether it may. The question comes first for keys and screen readers; the style puts it in its place.
 */
export function Screen({ stage, details, keys }: Slots) {
  const message = useRun((store) => store.preview);
  const previewed = useRun((store) => store.previewed);
  useEffect(() => {
    // What is painted takes the colour of plans from the body.
    document.body.classList.add('is-preview');
  }, []);
  if (!message) return null;
  const { problem, approval, preview } = message;
  const wrong = problem ?? preview?.error ?? null;
  return (
    <div className={`app${problem && previewed ? ' is-old' : ''}`}>
      {approval && <Ask message={message} approval={approval} />}
      <PreviewBar message={message} preview={previewed} />
      <News message={message} />
      <main className="main">
        <div className="stage">
          {wrong && previewed && (
            <Banner title={problem ? 'No preview of it as it is' : 'It would fail'} error={wrong} />
          )}
          {problem && !previewed ? <NoPreview problem={problem} /> : stage}
        </div>
        {details ?? (previewed && <Summary preview={previewed} />)}
      </main>
      {keys}
    </div>
  );
}

/** Why there is no sound preview, and the way to the place in the script. The news say it to those who do not see it. */
function Banner({ title, error }: { title: string; error: ErrorInfo }) {
  return (
    <div className="banner is-failed">
      <Icon name="error" />
      <span>
        <b>{title}</b> <ErrorWords error={error} />
      </span>
      <ErrorPlace error={error} />
    </div>
  );
}

function NoPreview({ problem }: { problem: ErrorInfo }) {
  return (
    <div className="notice">
      <Icon name="error" />
      <h2>There is no preview</h2>
      <p>
        <ErrorWords error={problem} />
      </p>
      <p>
        <ErrorPlace error={problem} />
      </p>
    </div>
  );
}

function ErrorWords({ error }: { error: ErrorInfo }) {
  // A name that says no more than that something failed.
  const plain = ['Error', 'UserError'].includes(error.name);
  return (
    <span>
      {!plain && `${line(error.name, 80)}: `}
      {line(error.message, 1000)}
    </span>
  );
}

function ErrorPlace({ error }: { error: ErrorInfo }) {
  const { host, tree } = useStore();
  const { line: row = 0, column = 1, script } = error;
  if (row === 0) return null;
  const name = (script ?? tree.run?.script)?.split('/').at(-1) ?? 'line';
  const place = { line: row, column, ...(script !== undefined && { script }) };
  return (
    <button type="button" className="link" onClick={() => void host.request({ method: 'open-script', ...place })}>
      {line(name, 60)}:{row}:{column}
    </button>
  );
}
