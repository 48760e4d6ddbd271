import { useEffect, useState } from 'react';
import type { Components } from 'react-markdown';
import { shown } from '../format.ts';
import { useStore } from '../store.ts';
import { loadMarkdown } from './load.ts';

/** Longer Markdown is shown as plain text: parsing a megabyte would freeze the panel. */
const LONGEST = 200_000;
const FILE_LINE = /^([\w@.][\w@./ -]*\.[\w-]+):(\d+)$/;

/**
 * Markdown of unknown origin: no raw HTML, no image is loaded and no link can be followed; a link shows its address.
 * `path:line` in code opens the file where there is an editor. Until what shows it has come, and where it does not
 * come, the text is there as it was written.
 */
export function MarkdownText({ text }: { text: string }) {
  const parts = useParts();
  if (text.length > LONGEST) return <pre className="block">{shown(text)}</pre>;
  if (!parts) return <div className="markdown as-written">{shown(text)}</div>;
  const { Markdown, remarkGfm } = parts;
  return (
    <div className="markdown">
      <Markdown remarkPlugins={[remarkGfm]} components={COMPONENTS} skipHtml={false} urlTransform={(url) => url}>
        {shown(text)}
      </Markdown>
    </div>
  );
}

function useParts() {
  const [parts, setParts] = useState(() => globalThis.counterpointMarkdown);
  useEffect(() => {
    if (parts) return;
    let current = true;
    loadMarkdown().then(
      (loaded) => current && setParts(loaded),
      (error: Error) => console.warn(`Counterpoint: ${error.message}`),
    );
    return () => {
      current = false;
    };
  }, [parts]);
  return parts;
}

const COMPONENTS: Components = {
  a: ({ children, href }) => (
    <span className="dead-link" title={href}>
      {children}
    </span>
  ),
  img: ({ alt }) => <span className="dead-link">[image: {alt || 'without a title'}]</span>,
  input: ({ checked }) => <span aria-hidden="true">{checked ? '☑' : '☐'}</span>,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="table-scroll" tabIndex={0} aria-label="Table">
      <table>{children}</table>
    </section>
  ),
  code: ({ children, className }) => <Code className={className}>{children}</Code>,
};

function Code({ children, className }: { children?: React.ReactNode; className?: string | undefined }) {
  const { host } = useStore();
  const place = typeof children === 'string' && !className ? FILE_LINE.exec(children) : null;
  if (!place || host.kind === 'page') return <code className={className}>{children}</code>;
  const [, path = '', row = '1'] = place;
  return (
    <button
      type="button"
      className="link mono"
      onClick={() => void host.request({ method: 'open-file', path, line: Number(row) })}
    >
      {children}
    </button>
  );
}
