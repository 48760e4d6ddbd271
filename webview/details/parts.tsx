import { type ReactNode, useState } from 'react';
import type { Json } from '../../extension/protocol/json.ts';
import { shown } from '../format.ts';
import { Icon } from '../icon.tsx';
import { MarkdownText } from '../markdown/markdown-text.tsx';
import { useStore } from '../store.ts';

/** Text beyond this many characters waits behind a button. */
const SHORT = 12_000;

interface SectionProps {
  title: string;
  extra?: ReactNode;
  /** By default it stands below the heading of the side. */
  level?: 2 | 3;
  children: ReactNode;
}

export function Section({ title, extra, level = 3, children }: SectionProps) {
  const Heading = `h${level}` as const;
  return (
    <section className="side-section">
      <div className="side-section-head">
        <Heading className="section-title">{title}</Heading>
        {extra}
      </div>
      {children}
    </section>
  );
}

/** Text as it is, long text cut until asked for. */
export function Block({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const long = text.length > SHORT && !all;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre className="block" tabIndex={0}>
        {shown(long ? text.slice(0, SHORT) : text)}
      </pre>
      {long && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          Show all {text.length.toLocaleString('en')} characters
        </button>
      )}
    </>
  );
}

/** A structured answer as indented JSON, anything else as the Markdown it mostly is. */
export function Answer({ value }: { value: Json }) {
  if (typeof value === 'string')
    return value === '' ? <p className="quiet">An empty text.</p> : <MarkdownText text={value} />;
  return <Block text={JSON.stringify(value, null, 2)} />;
}

/** Copies, and opens as a document; there only where an editor is. */
export function TextActions({
  title,
  text,
  language,
}: {
  title: string;
  text: string;
  language: 'markdown' | 'json' | 'plaintext';
}) {
  const { host } = useStore();
  if (host.kind === 'page') return null;
  return (
    <span className="text-actions">
      <button
        type="button"
        className="icon-button"
        aria-label={`Copy: ${title}`}
        title="Copy"
        onClick={() => void host.request({ method: 'copy', text })}
      >
        <Icon name="copy" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={`Open as a document: ${title}`}
        title="Open as a document"
        onClick={() => void host.request({ method: 'open-document', title, text, language })}
      >
        <Icon name="go-to-file" />
      </button>
    </span>
  );
}

export function Facts({ children }: { children: ReactNode }) {
  return <p className="side-facts">{children}</p>;
}

export function Fact({ value, unit }: { value: string; unit?: string }) {
  return (
    <span>
      <b>{value}</b>
      {unit ? ` ${unit}` : ''}
    </span>
  );
}
