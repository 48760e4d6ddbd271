import type { Advice, Preview, Range } from '../../extension/protocol/preview.ts';
import { Section } from '../details/parts.tsx';
import { cost, count, line, plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { useStore } from '../store.ts';
import { RangeBar } from './range-bar.tsx';
import {
  ACCESSES,
  accessWords,
  adviceLook,
  bounds,
  byGravity,
  CAPS,
  costWords,
  likely,
  roughTime,
  tokensOf,
  whole,
} from './words.ts';

/** What the script as a whole would do, take and touch; where the details are, while nothing is selected. */
export function Summary({ preview }: { preview: Preview }) {
  const { script, advice, phases, models } = preview;
  return (
    <aside className="side" aria-label="What it would do">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="side-body summary" tabIndex={0} aria-label="Summary of the preview">
        <h2>{line(script.name, 200)}</h2>
        {script.description && <p className="summary-description">{line(script.description, 1000)}</p>}
        <p className="quiet side-who">
          <ScriptLink title={script.title} />
        </p>
        <Estimates preview={preview} />
        {advice.length > 0 && <AdviceList advice={advice} />}
        <Touches preview={preview} />
        {phases.length > 0 && (
          <Section title={plural(phases.length, 'phase')}>
            <Shares shares={phases.map(({ title, agents }) => ({ name: line(title, 100) || 'Agents', agents }))} />
          </Section>
        )}
        {models.length > 0 && (
          <Section title={plural(models.length, 'model')}>
            <Shares shares={models.map(({ model, agents }) => ({ name: line(model, 100), agents }))} />
          </Section>
        )}
      </section>
    </aside>
  );
}

function ScriptLink({ title, at = 1 }: { title: string; at?: number }) {
  const { host } = useStore();
  return (
    <button
      type="button"
      className="link mono"
      onClick={() => void host.request({ method: 'open-script', line: at, column: 1 })}
    >
      {line(title, 200)}
    </button>
  );
}

/** Four figures, each with how far it may be off. */
function Estimates({ preview }: { preview: Preview }) {
  const { agents, costUsd, durationMs, basis, capped } = preview;
  const tokens = tokensOf(preview);
  return (
    <>
      <dl className="figures">
        <Figure name="Agents" value={likely(agents, whole)} range={agents} write={whole} />
        <Figure name="Cost" value={costWords(preview)} range={costUsd} write={cost} />
        <Figure name="Tokens" value={likely(tokens, count)} range={tokens} write={count} />
        <Figure name="Time" value={likely(durationMs, roughTime)} range={durationMs} write={roughTime} />
      </dl>
      <p className="quiet basis">{basis && agents.high > 0 && `Estimated by: ${line(basis, 300)}.`}</p>
      {capped && (
        <p className="aside is-unverified">
          The largest of the dry runs came to its cap {CAPS[capped]}: what is beyond it would not run.
        </p>
      )}
    </>
  );
}

interface FigureProps {
  name: string;
  value: string;
  /** Null: it is not known. */
  range: Range | null;
  write: (value: number) => string;
}

function Figure({ name, value, range, write }: FigureProps) {
  const far = range ? bounds(range, write) : '';
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        <b className="figure-value">{value}</b>
        {range && far && <RangeBar range={range} most={range.high} />}
        <span className="figure-bounds">{range ? far : 'a model has no price'}</span>
      </dd>
    </div>
  );
}

function AdviceList({ advice }: { advice: Advice[] }) {
  return (
    <Section title={`Advice · ${advice.length}`}>
      <ul className="advice">
        {advice.map(({ kind, message, line: at }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two pieces of advice may be alike.
          <li key={index}>
            <Icon name={adviceLook(kind).icon} />
            <div>
              <p className="advice-head">
                <b>{adviceLook(kind).words}</b>
                {at !== null && <ScriptLink title={`line ${at}`} at={at} />}
              </p>
              <p>
                <WithCode text={line(message, 1000)} />
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** A sentence of which what stands in backticks is code, and nothing else is markup. */
function WithCode({ text }: { text: string }) {
  return text.split('`').map((part, index, { length }) => {
    const isCode = index % 2 === 1 && index < length - 1;
    // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place.
    return isCode ? <code key={index}>{part}</code> : <span key={index}>{part}</span>;
  });
}

/** What it may do to the world: the tools that it asks for, the gravest first, and what it asks of a person. */
function Touches({ preview: { tools, checkpoints } }: { preview: Preview }) {
  return (
    <Section title="What it may do">
      <p>
        {accessWords(tools)} {checkpoints > 0 && `It asks a person ${plural(checkpoints, 'question')}.`}
      </p>
      {tools.length > 0 && (
        <ul className="tool-needs">
          {byGravity(tools).map(({ name, by, access }) => (
            <li key={`${by} ${name}`} className={`is-${access}`}>
              <Icon name={ACCESSES[access].icon} />
              <span className="mono tool-need">{line(name, 100)}</span>
              <span className="quiet">{by === 'script' ? 'by the script' : 'by its agents'}</span>
              <span className="access">{ACCESSES[access].words}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** How many agents each of several has, drawn to one scale. */
function Shares({ shares }: { shares: { name: string; agents: Range }[] }) {
  const most = Math.max(1, ...shares.map(({ agents }) => agents.high));
  return (
    <ul className="shares">
      {shares.map(({ name, agents }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a phase is its place.
        <li key={index}>
          <span className="share-name" title={name}>
            {name}
          </span>
          <RangeBar range={agents} most={most} />
          <b className="share-likely">{whole(agents.likely)}</b>
          <span className="share-bounds">{bounds(agents, whole)}</span>
        </li>
      ))}
    </ul>
  );
}
