import { useState } from 'react';
import { exactParts } from '../../extension/protocol/exact-text.ts';

/** Longer ones are unfolded by a click. */
const SHORT = 1000;

/** What does what it says where a text is shown in its lines. */
const LAYOUT: Readonly<Record<string, string>> = { 'line break': '\n', tab: '\t' };

/**
 * A text in the type of the editor in which every character is to be seen, those that are drawn as nothing by their names.
 * @param inLines It has lines of its own, such as a file.
 */
export function ExactText({ text, inLines = false }: { text: string; inLines?: boolean }) {
  const [all, setAll] = useState(false);
  const long = text.length > SHORT && !all;
  return (
    <>
      <code className="exact" dir="ltr">
        {exactParts(long ? text.slice(0, SHORT) : text).map((part, index) =>
          part.named && inLines && LAYOUT[part.text] !== undefined ? (
            LAYOUT[part.text]
          ) : part.named ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place.
            <span key={index} className="exact-named">
              {part.text}
            </span>
          ) : (
            part.text
          ),
        )}
      </code>
      {long && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          Show all {text.length.toLocaleString('en')} characters
        </button>
      )}
    </>
  );
}
