import type { CallDetails } from '../../extension/protocol/call-details.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { languageOfFile } from '../code/languages.ts';
import { line } from '../format.ts';
import { DeniedCalls } from '../permission/denied-calls.tsx';
import { PermissionQuestions } from '../permission/permission-questions.tsx';
import { phaseOf } from '../tree/cells.ts';
import { Cause, Numbers } from './agent-details.tsx';
import { Block, Output, Section, TextActions, textOf } from './parts.tsx';
import { Pending, ScriptLine } from './said.tsx';
import { useDetails } from './use-details.ts';
import { Value } from './value.tsx';

/** A tool call of the script's own: what it was given, and what came back. */
export function ToolDetails({ call }: { call: CallNode }) {
  const asked = useDetails(call);
  return (
    <>
      <h2 className="mono">{line(call.info.label)}</h2>
      <p className="quiet side-who">tool · {line(phaseOf(call.info), 80)}</p>
      <Numbers call={call} />
      <PermissionQuestions call={call} asked={asked} />
      <Cause call={call} />
      <DeniedCalls call={call} />
      {asked.state === 'there' ? (
        <Exchange call={call} details={asked.details} />
      ) : (
        <Pending asked={asked} call={call} />
      )}
    </>
  );
}

function Exchange({ call, details }: { call: CallNode; details: CallDetails }) {
  const { prompt, answer } = details;
  const { text, language } = textOf(answer ?? '');
  // The prompt of a tool call is its name with its input behind it.
  const input = prompt.slice(prompt.indexOf(' ') + 1);
  return (
    <>
      <Section
        title="Input"
        part="prompt"
        extra={<TextActions title={`Input of ${call.info.label}`} text={input} language="json" />}
      >
        <ScriptLine call={call} text={details.scriptLine} />
        <Block text={input} language="json" />
      </Section>
      {answer !== undefined && (
        <Section
          title="Output"
          part="answer"
          extra={
            <TextActions
              title={`Output of ${call.info.label}`}
              text={text}
              language={language === 'json' ? 'json' : 'plaintext'}
            />
          }
        >
          {typeof answer === 'string' ? (
            <Output text={text} language={languageOf(prompt, input)} />
          ) : (
            <Value value={answer} />
          )}
        </Section>
      )}
    </>
  );
}

/** A file that was read has the language of its name. */
function languageOf(prompt: string, input: string): string {
  const path = prompt.startsWith('read_file ') ? /"path":\s*"([^"]*)"/.exec(input)?.[1] : undefined;
  return path === undefined ? '' : languageOfFile(path);
}
