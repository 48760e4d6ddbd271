import DOMPurify from 'dompurify';
import { useEffect, useRef, useState } from 'react';

interface Props {
  html: string;
  title: string;
  onClose(): void;
}

const ERRORS: Record<string, string> = {
  password: 'Wrong password or user name',
  token: 'The link is too old, ask for a new one',
};

export function Notice({ html, title }: Props) {
  return (
    <section>
      <h2>{title}</h2>
      <div dangerouslySetInnerHTML={{ __html: html }} />
    </section>
  );
}

export function SafeNotice({ html }: Props) {
  return <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(html) }} />;
}

export function Badge({ count }: { count: number }) {
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (ref.current) ref.current.innerHTML = '<b>' + Number(count) + '</b>';
  }, [count]);
  return <span ref={ref} />;
}

export function Search() {
  const [error, setError] = useState('');
  const box = useRef<HTMLDivElement>(null);
  function show() {
    const term = new URLSearchParams(location.search).get('q');
    if (box.current) box.current.innerHTML = `Results for <em>${term}</em>`;
  }
  async function remember(term: string) {
    try {
      localStorage.setItem('last-search', term);
    } catch {
      // Private windows have no storage; the search works without it.
    }
  }
  async function submit(term: string) {
    try {
      const reply = await fetch(`/api/search?q=${encodeURIComponent(term)}`);
      if (!reply.ok) setError(ERRORS['token'] ?? 'failed');
    } catch (cause) {
      setError(String(cause));
    }
  }
  return (
    <form onSubmit={() => void submit('x')}>
      <input type="password" name="token" placeholder="Token" onFocus={show} onBlur={() => void remember('x')} />
      <p>{error}</p>
    </form>
  );
}

export function rowKey(): string {
  return `row-${Math.random().toString(36).slice(2)}`;
}
