import { useMemo } from 'react';
import { plural, shown } from '../format.ts';
import { CODE } from '../markdown/load.ts';
import { useFurther } from '../markdown/use-further.ts';

type Kind = 'added' | 'removed' | 'same' | 'place' | 'file';
interface DiffLine {
  kind: Kind;
  text: string;
}

/** Lines beyond this wait behind nothing: what is so long is read in an editor. */
const MOST_LINES = 3000;
const SIGNS: Record<Kind, string> = { added: '+', removed: '−', same: ' ', place: '', file: '' };

/** A unified diff. */
export function DiffText({ text }: { text: string }) {
  const lines = useMemo(() => unifiedLines(shown(text)), [text]);
  return <Lines lines={lines} />;
}

/** What one text becomes, line by line. */
export function ChangeText({ before, after }: { before: string; after: string }) {
  const parts = useFurther(CODE);
  const lines = useMemo(() => {
    const [from, to] = [ended(shown(before)), ended(shown(after))];
    if (parts) return parts.changesBetween(from, to).flatMap((change) => linesOf(change.value, kindOf(change)));
    return [...linesOf(from, 'removed'), ...linesOf(to, 'added')];
  }, [parts, before, after]);
  return <Lines lines={lines} />;
}

function kindOf({ added, removed }: { added: boolean; removed: boolean }): Kind {
  if (added) return 'added';
  return removed ? 'removed' : 'same';
}

/** A last line that only lacks its end would count as changed. */
function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function linesOf(text: string, kind: Kind): DiffLine[] {
  if (text === '') return [];
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => ({ kind, text: line }));
}

function unifiedLines(text: string): DiffLine[] {
  // Before the first place in a file, lines of signs are its names.
  let inFile = false;
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => {
      if (line.startsWith('@@')) {
        inFile = true;
        return { kind: 'place', text: line };
      }
      if (/^(diff |index |new file|deleted file|similarity |rename |\\ No newline)/.test(line)) {
        if (line.startsWith('diff ')) inFile = false;
        return { kind: 'file', text: line };
      }
      if (!inFile && /^(---|\+\+\+) /.test(line)) return { kind: 'file', text: line };
      if (line.startsWith('+')) return { kind: 'added', text: line.slice(1) };
      if (line.startsWith('-')) return { kind: 'removed', text: line.slice(1) };
      return { kind: 'same', text: line.replace(/^ /, '') };
    });
}

function Lines({ lines }: { lines: DiffLine[] }) {
  const count = (kind: Kind) => lines.filter((line) => line.kind === kind).length;
  const [added, removed] = [count('added'), count('removed')];
  return (
    <figure className="diff" aria-label={`Changes: ${plural(added, 'line')} added, ${removed} removed`}>
      <figcaption className="quiet">
        <span aria-hidden="true">
          +{added} −{removed}
        </span>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre className="block" tabIndex={0}>
        <code>
          {lines.slice(0, MOST_LINES).map(({ kind, text }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
            <span key={index} className={`diff-line is-${kind}`}>
              {SIGNS[kind] && <span className="diff-sign">{SIGNS[kind]}</span>}
              {text}
              {'\n'}
            </span>
          ))}
        </code>
      </pre>
      {lines.length > MOST_LINES && <p className="quiet">{lines.length - MOST_LINES} more lines are not shown.</p>}
    </figure>
  );
}
