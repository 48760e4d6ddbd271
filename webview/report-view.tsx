import { useEffect, useState } from 'react';
import { Notice } from './app.tsx';
import { Census } from './details/census.tsx';
import { Icon } from './icon.tsx';
import { MarkdownText } from './markdown/markdown-text.tsx';
import { useRun, useStore } from './store.ts';

type Report = { state: 'asking' } | { state: 'there'; text: string | null } | { state: 'failed'; error: string };

/** The run's Markdown report, asked for again when the run's status changes. */
export function ReportView() {
  const { host } = useStore();
  const status = useRun((store) => store.status());
  const [report, setReport] = useState<Report>({ state: 'asking' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a run that ends has a new report.
  useEffect(() => {
    let current = true;
    host.request({ method: 'report' }).then(
      (text) => current && setReport({ state: 'there', text }),
      (error: Error) => current && setReport({ state: 'failed', error: error.message }),
    );
    return () => {
      current = false;
    };
  }, [host, status]);
  if (report.state === 'asking') return <Notice icon="book" title="Report" text="Fetching it…" />;
  if (report.state === 'failed') return <Notice icon="error" title="The report cannot be shown" text={report.error} />;
  if (report.text === null) {
    const text =
      status === 'running' || status === 'created'
        ? 'The report comes with the end of the run.'
        : 'The result of this run has none.';
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      <section className="report" tabIndex={0} aria-label="Report">
        <Census level={2} />
        <Notice icon="book" title="No report" text={text} />
      </section>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="report" tabIndex={0} aria-label="Report">
      {host.kind === 'editor' && (
        <div className="report-actions">
          <button type="button" className="button" onClick={() => void host.request({ method: 'open-report' })}>
            <Icon name="go-to-file" /> Open as document
          </button>
        </div>
      )}
      <Census level={2} />
      <MarkdownText text={report.text} />
    </section>
  );
}
