import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { Json } from '../../extension/protocol/json.ts';
import type { SearchHit } from '../../extension/protocol/panel-messages.ts';
import { finderOf } from '../../extension/protocol/text-search.ts';
import { CodeText } from '../code/code-text.tsx';
import { DiffText } from '../code/diff-text.tsx';
import { isUnifiedDiff } from '../code/languages.ts';
import { shown } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useStore } from '../store.ts';
import { useViewState } from '../view-state.ts';

/** Text beyond this many characters waits behind a button. */
const SHORT = 12_000;

interface SectionProps {
  title: string;
  extra?: ReactNode;
  /** By default it stands below the heading of the side. */
  level?: 2 | 3;
  /** What of a call stands in it, for the search. */
  part?: SearchHit['in'];
  children: ReactNode;
}

export function Section({ title, extra, level = 3, part, children }: SectionProps) {
  const Heading = `h${level}` as const;
  return (
    <section className="side-section" data-part={part}>
      <div className="side-section-head">
        <Heading className="section-title">{title}</Heading>
        {extra}
      </div>
      {children}
    </section>
  );
}

/** Text as it is, long text cut until asked for; in the colours of its language where it has one. */
export function Block({ text, language = '' }: { text: string; language?: string }) {
  return (
    <Cut text={text}>
      {(part) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <pre className="block" tabIndex={0}>
          {language === '' ? shown(part) : <CodeText text={part} language={language} />}
        </pre>
      )}
    </Cut>
  );
}

/** Lines as `read_file` numbers them: the numbers beside the code, which is one text to its grammar. */
const NUMBERED = /^(\d+)\t(.*)$/;

/** What a tool gave back: a diff as a diff, a file in the colours of its language, anything else as it is. */
export function Output({ text, language }: { text: string; language: string }) {
  if (text === '') return <p className="quiet">(empty)</p>;
  if (isUnifiedDiff(text)) return <Cut text={text}>{(part) => <DiffText text={part} />}</Cut>;
  if (language === '' || !NUMBERED.test(text.split('\n', 1)[0] ?? '')) return <Block text={text} language={language} />;
  return <Cut text={text}>{(part) => <Numbered text={part} language={language} />}</Cut>;
}

function Numbered({ text, language }: { text: string; language: string }) {
  const lines = useMemo(() => text.replace(/\n$/, '').split('\n').map(readLine), [text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields.
    <div className="block numbered" tabIndex={0} role="group" aria-label="Lines of a file">
      <pre className="line-numbers" aria-hidden="true">
        {lines.map(({ number }) => number).join('\n')}
      </pre>
      <pre>
        <CodeText text={lines.map((line) => line.text).join('\n')} language={language} />
      </pre>
    </div>
  );
}

/** A line without a number is a note of the tool's. */
function readLine(text: string): { number: string; text: string } {
  const [, number = '', rest = text] = NUMBERED.exec(text) ?? [];
  return { number, text: rest };
}

function Cut({ text, children }: { text: string; children: (part: string) => ReactNode }) {
  const [all, setAll] = useState(false);
  const long = text.length > SHORT && !all;
  const beyond = useFoundBeyond(text, SHORT, long);
  useEffect(() => {
    if (beyond) setAll(true);
  }, [beyond]);
  return (
    <>
      {children(long ? text.slice(0, SHORT) : text)}
      {long && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          Show all {text.length.toLocaleString('en')} characters
        </button>
      )}
    </>
  );
}

/** Whether what is looked for stands in a text beyond what is shown of it, and not before. */
function useFoundBeyond(text: string, shown: number, long: boolean): boolean {
  const search = useViewState((state) => (long ? (state.search ?? '') : ''));
  return useMemo(() => {
    const match = finderOf(search)?.(text);
    return match ? match.index + match.length > shown : false;
  }, [search, text, shown]);
}

export type DocumentLanguage = 'markdown' | 'json' | 'plaintext';

/** A value as a text that can be copied or opened. */
export function textOf(value: Json): { text: string; language: DocumentLanguage } {
  return typeof value === 'string'
    ? { text: value, language: 'markdown' }
    : { text: JSON.stringify(value, null, 2), language: 'json' };
}

/** Copies, and opens as a document; there only where an editor is. A text that takes long to make is made when it is wanted. */
export function TextActions({
  title,
  text,
  language,
}: {
  title: string;
  text: string | (() => string);
  language: DocumentLanguage;
}) {
  const { host } = useStore();
  if (host.kind === 'page') return null;
  const whole = () => (typeof text === 'string' ? text : text());
  const name = title.slice(0, 300);
  return (
    <span className="text-actions">
      <button
        type="button"
        className="icon-button"
        aria-label={`Copy: ${name}`}
        title="Copy"
        onClick={() => void host.request({ method: 'copy', text: whole() })}
      >
        <Icon name="copy" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={`Open as a document: ${name}`}
        title="Open as a document"
        onClick={() => void host.request({ method: 'open-document', title: name, text: whole(), language })}
      >
        <Icon name="go-to-file" />
      </button>
    </span>
  );
}

export function Facts({ children }: { children: ReactNode }) {
  return <p className="side-facts">{children}</p>;
}

export function Fact({ value, unit, title }: { value: string; unit?: string; title?: string }) {
  return (
    <span title={title}>
      <b>{value}</b>
      {unit ? ` ${unit}` : ''}
    </span>
  );
}

/** Names and values, one to a line. */
export function Rows({ rows }: { rows: [name: string, value: ReactNode, title?: string][] }) {
  return (
    <dl className="rows">
      {rows.map(([name, value, title]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={title}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
