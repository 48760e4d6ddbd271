export const meta = {
  name: 'agent',
  description: 'One agent does a task of your own; its answer is the report',
  whenToUse: 'For a single task, in your own words, that needs no script',
  phases: [{ title: 'Work', detail: 'one agent does the task' }],
  args: {
    type: 'object',
    properties: {
      task: { type: 'string', minLength: 1, description: 'What the agent is to do, with all that it must know for it' },
      agentType: { type: 'string', minLength: 1, description: 'Which kind of agent does it; without, one with all tools of the run' },
      model: { type: 'string', minLength: 1, description: 'The model that answers; without, that of the run' },
    },
    required: ['task'],
    additionalProperties: false,
  },
};

const { task, agentType, model } = args ?? {};
// The schema asks whoever runs this for it, but not a script that calls it.
if (!task?.trim()) throw new TypeError('agent: give args.task: what the agent is to do.');

phase('Work');
const answer = await agent(
  `${task}

A person gave you this task and reads your result: write it for them, in Markdown, and say what you could not find out or do.`,
  { label: titleOf(task), ...(agentType && { agentType }), ...(model && { model }) },
);
// Without its one answer the run has nothing to show; as failed it can be resumed, and the agent is asked again.
if (answer === null) throw new Error('The agent has no answer; the log says why. A resume asks it again.');
return { answer, report: `# ${escaped(titleOf(task))}\n\n${harmless(answer)}\n` };

function titleOf(text) {
  const [first] = text.trim().split('\n');
  return first.length > 80 ? `${first.slice(0, 79).trimEnd()}…` : first;
}

/**
 * Markdown of a model with its headings, lists, tables and code, in which no link, image, HTML, formula or diagram works: an
 * image would be fetched from wherever the model says as soon as somebody opens the report. Blocks of code are written anew, so that
 * where one begins and ends is never in doubt and none is drawn, and code in a line ends in that line.
 */
function harmless(markdown) {
  const written = [];
  let block = null;
  for (const line of markdown.split(/\r\n?|\n/)) {
    if (block === null) {
      const [, indent, fence] = /^([ \t]*)(`{3,}(?!.*`)|~{3,})/.exec(line) ?? [];
      if (fence) block = { indent, fence, lines: [] };
      else written.push(harmlessLine(line));
    } else if (endsBlock(line.trim(), block.fence)) {
      written.push(...fenced(block.lines.join('\n')));
      block = null;
    } else {
      block.lines.push(line.startsWith(block.indent) ? line.slice(block.indent.length) : line);
    }
  }
  if (block !== null) written.push(...fenced(block.lines.join('\n')));
  return written.join('\n');
}

function endsBlock(line, fence) {
  return line.length >= fence.length && line === fence[0].repeat(line.length);
}

function harmlessLine(line) {
  const pieces = line.replace(/`+/g, '`').split('`');
  if (pieces.length % 2 === 0) pieces.push(pieces.splice(-2).join("'"));
  // In a table a bar ends the cell, and with it the code.
  return pieces
    .map((piece, at) => (at % 2 === 0 ? textOnly(piece) : piece.includes('|') ? `'${textOnly(piece)}'` : `\`${piece}\``))
    .join('');
}

function textOnly(text) {
  return text.replace(/[\\[\]<$]|:::/g, '\\$&');
}

// What comes from a model is foreign text: nothing in it becomes markup of the report, but for `code`.
function escaped(foreign) {
  const pieces = String(foreign).replace(/\s+/g, ' ').trim().replace(/`+/g, '`').split('`');
  if (pieces.length % 2 === 0) pieces.push(pieces.splice(-2).join("'"));
  const marked = pieces.map((piece, at) => (at % 2 === 1 ? code(piece) : piece.replace(/[\\*_~[\]<>|#]/g, '\\$&'))).join('');
  return marked.replace(/^(\d*)([-+=.)])/, '$1\\$2');
}
function code(foreign) {
  return `\`${foreign.replace(/[`\s|]+/g, ' ')}\``;
}
function fenced(text) {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [fence, text, fence];
}
