import { isValidElement, type ReactNode } from 'react';
import type { Components } from 'react-markdown';
import { CodeText } from '../code/code-text.tsx';
import { DiffText } from '../code/diff-text.tsx';
import { shown } from '../format.ts';
import { useStore } from '../store.ts';
import { MARKDOWN } from './load.ts';
import { useFurther } from './use-further.ts';

/** Longer Markdown is shown as plain text: parsing a megabyte would freeze the panel. */
const LONGEST = 200_000;
const FILE_LINE = /^([\w@.][\w@./ -]*\.[\w-]+):(\d+)$/;

/**
 * Markdown of unknown origin: no raw HTML, no image is loaded and no link can be followed; a link shows its address.
 * `path:line` in code opens the file where there is an editor. Until what shows it has come, and where it does not
 * come, the text is there as it was written.
 */
export function MarkdownText({ text }: { text: string }) {
  const parts = useFurther(MARKDOWN);
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
  pre: ({ children }) => <Fenced>{children}</Fenced>,
  code: ({ children, className }) => <Code className={className}>{children}</Code>,
};

/** A block of code, in the colours of the language that its fence names; a diff as one. */
function Fenced({ children }: { children?: ReactNode }) {
  const code = isValidElement<{ className?: string; children?: ReactNode }>(children) ? children.props : null;
  const text = typeof code?.children === 'string' ? code.children : null;
  const language = /\blanguage-(\S{1,40})/.exec(code?.className ?? '')?.[1]?.toLowerCase() ?? '';
  if (text !== null && (language === 'diff' || language === 'patch')) return <DiffText text={text} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <pre tabIndex={0}>
      {text === null ? children : <code>{<CodeText text={text.replace(/\n$/, '')} language={language} />}</code>}
    </pre>
  );
}

function Code({ children, className }: { children?: ReactNode; className?: string | undefined }) {
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
