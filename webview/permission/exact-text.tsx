import { useState } from 'react';
import { exactParts } from '../../extension/protocol/exact-text.ts';

/** Longer ones are unfolded by a click. What comes from a run is shorter. */
const SHORT = 1000;

/** A text in the type of the editor in which every character is to be seen, those that are drawn as nothing by their names. */
export function ExactText({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const long = text.length > SHORT && !all;
  return (
    <>
      <code className="exact" dir="ltr">
        {exactParts(long ? text.slice(0, SHORT) : text).map((part, index) =>
          part.named ? (
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
