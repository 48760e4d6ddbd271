import { useRef } from 'react';
import type { CallDetails } from '../../extension/protocol/call-details.ts';
import type { LiveMessage } from '../../extension/protocol/panel-messages.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { CodeText } from '../code/code-text.tsx';
import { line, plural } from '../format.ts';
import { Icon } from '../icon.tsx';
import { MarkdownText } from '../markdown/markdown-text.tsx';
import { usePlanned, useStore } from '../store.ts';
import { AnswerSection } from './answer.tsx';
import { useFollowEnd } from './follow-end.ts';
import { OptionsSection } from './options.tsx';
import { Block, Section, TextActions } from './parts.tsx';
import { Transcript } from './transcript.tsx';
import { transcriptMarkdown } from './transcript-markdown.ts';
import { UsageSection } from './usage.tsx';
import type { Asked } from './use-details.ts';

interface SaidProps {
  details: CallDetails;
  call: CallNode;
  /** What is told of it while it is at work. */
  live: LiveMessage | null;
}

/** What an agent was asked, did and answered, and what that took; of one that is planned, with what options. */
export function Said(said: SaidProps) {
  const { details, call } = said;
  const { label } = call.info;
  const planned = usePlanned();
  return (
    <>
      <Section
        title="Prompt"
        part="prompt"
        extra={<TextActions title={`Prompt of ${label}`} text={details.prompt} language="markdown" />}
      >
        <ScriptLine call={call} text={details.scriptLine} />
        <Block text={details.prompt} />
      </Section>
      {planned ? <OptionsSection call={call} options={details.options} /> : <Done {...said} />}
    </>
  );
}

function Done(said: SaidProps) {
  const { details, call } = said;
  const { label } = call.info;
  return (
    <>
      <Section
        title={call.state === 'working' ? 'Transcript · live' : 'Transcript'}
        part="transcript"
        extra={<TranscriptActions details={details} label={label} />}
      >
        {call.state === 'working' ? <LiveTranscript {...said} /> : <WholeTranscript {...said} />}
      </Section>
      <AnswerSection details={details} label={label} />
      <UsageSection call={call} details={details} />
    </>
  );
}

function TranscriptActions({ details, label }: { details: CallDetails; label: string }) {
  return (
    <>
      <span className="quiet transcript-steps">{plural(details.transcript.length, 'step')}</span>
      <TextActions
        title={`Transcript of ${label}`}
        text={() => transcriptMarkdown(label, details)}
        language="markdown"
      />
    </>
  );
}

function WholeTranscript({ details: { transcript }, call }: SaidProps) {
  if (transcript.length > 0) return <Transcript entries={transcript} startedAt={call.startedAt} />;
  return <p className="quiet">{call.state === 'waiting' ? 'Nothing yet.' : 'It said nothing and used no tool.'}</p>;
}

/** A transcript that goes on, with the reply that is on its way behind it. */
function LiveTranscript({ details: { transcript }, call, live }: SaidProps) {
  const end = useRef<HTMLDivElement>(null);
  const text = useReply(live, transcript.length);
  const { away, jump } = useFollowEnd(end, `${transcript.length} ${text.length} ${call.doing}`);
  return (
    <>
      <Transcript entries={transcript} startedAt={call.startedAt} />
      {text !== '' && (
        <div className="saying">
          <MarkdownText text={text} />
        </div>
      )}
      <p className="doing-now">{line(call.doing) || 'at work'}…</p>
      <div ref={end} />
      {away && (
        <button type="button" className="button jump" onClick={jump}>
          <Icon name="arrow-down" /> Jump to newest
        </button>
      )}
    </>
  );
}

/** The reply that is on its way; one that has become an entry stays until that entry is here. */
function useReply(live: LiveMessage | null, entries: number): string {
  const last = useRef('');
  if (!live) {
    last.current = '';
  } else if (live.text !== '' || entries >= live.entries) {
    last.current = live.text;
  }
  return last.current;
}

export function Pending({ asked, call }: { asked: Asked; call: CallNode }) {
  const planned = usePlanned();
  if (asked.state === 'failed')
    return <p className="aside is-failed">The details cannot be shown: {line(asked.error, 500)}</p>;
  return (
    <p className="quiet">
      {call.state === 'waiting' && !planned ? 'Waits for a free place.' : 'Fetching the details…'}
    </p>
  );
}

/** The line of the script that asked for this, and the way there. */
export function ScriptLine({ call, text }: { call: CallNode; text: string | undefined }) {
  if (!call.info.at) return null;
  return (
    <div className="script-line">
      <ScriptLink call={call} />
      {text && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <pre tabIndex={0}>
          <CodeText text={text} language="javascript" />
        </pre>
      )}
    </div>
  );
}

export function ScriptLink({ call }: { call: CallNode }) {
  const { host, tree } = useStore();
  const { at } = call.info;
  if (!at) return null;
  const script = (at.script ?? tree.run?.script)?.split('/').at(-1) ?? 'script';
  const name = `${line(script, 60)}:${at.line}`;
  if (host.kind === 'page') return <span className="quiet mono">{name}</span>;
  return (
    <button
      type="button"
      className="link"
      title={`Open ${at.script === undefined ? 'the script' : line(at.script, 200)} at the line that asked for this`}
      onClick={() =>
        void host.request({
          method: 'open-script',
          line: at.line,
          column: at.column,
          ...(at.script !== undefined && { script: at.script }),
        })
      }
    >
      {name} <Icon name="link-external" />
    </button>
  );
}
