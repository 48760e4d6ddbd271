import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { line } from '../format.ts';
import { phaseOf } from '../tree/cells.ts';
import { Cause, Numbers, Pending, ScriptLink } from './agent-details.tsx';
import { Block, Section, TextActions } from './parts.tsx';
import { useDetails } from './use-details.ts';

/** A tool call of the script's own: what it was given, and what came back. */
export function ToolDetails({ call }: { call: CallNode }) {
  const asked = useDetails(call);
  return (
    <>
      <h2 className="mono">{line(call.info.label)}</h2>
      <p className="quiet side-who">tool · {line(phaseOf(call.info), 80)}</p>
      <Numbers call={call} />
      <Cause call={call} />
      {asked.state === 'there' ? (
        <Exchange call={call} details={asked.details} />
      ) : (
        <Pending asked={asked} call={call} />
      )}
    </>
  );
}

function Exchange({
  call,
  details: { prompt, answer },
}: {
  call: CallNode;
  details: { prompt: string; answer?: unknown };
}) {
  const output = typeof answer === 'string' ? answer : JSON.stringify(answer, null, 2);
  return (
    <>
      <Section title="Input" extra={<ScriptLink call={call} />}>
        <Block text={prompt} />
      </Section>
      {answer !== undefined && (
        <Section
          title="Output"
          extra={<TextActions title={`Output of ${call.info.label}`} text={output} language="plaintext" />}
        >
          <Block text={output || '(empty)'} />
        </Section>
      )}
    </>
  );
}
