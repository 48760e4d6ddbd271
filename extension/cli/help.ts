import { ARGUMENTS, type CommandName } from './options.ts';

export const HELP = `counterpoint: workflows of many agents, scripted, challenged, journaled.

  counterpoint plan GOAL              have a workflow written for a goal, and look at it before it runs
  counterpoint preview SCRIPT|NAME    tell what a script would do and cost, without asking any model
  counterpoint run SCRIPT|NAME        run a workflow script, or one by its name
  counterpoint agent TASK             have one agent do a task of yours, without a script
  counterpoint resume RUN             go on with a run that was cut, stopped or paused, that failed or had failures
  counterpoint fork RUN               begin a new run from an old one, as it is or as it once was
  counterpoint watch RUN              follow a run that another process drives
  counterpoint workflows              list the workflows that can be run by name, and what args they take
  counterpoint save SCRIPT|NAME       keep a script as a workflow of the project, or as your own
  counterpoint models                 list who can answer agents, or try one of them out
  counterpoint mcp [allow NAME]       list the MCP servers of the workspace, let agents use one, or \`forbid\` it
  counterpoint runs                   list the runs of the workspace
  counterpoint apply RUN AGENT        take over what an agent changed in its worktree
  counterpoint show RUN               show one run, its agents or its events

To a run under way, from any terminal:
  counterpoint answer RUN [QUESTION]  list the questions it asks, or answer one
  counterpoint permit RUN [AGENT]     list what its agents wait to be allowed, or allow or deny it
  counterpoint pause RUN              hold it back; \`resume\` goes on
  counterpoint stop RUN               stop it, or one of its agents
  counterpoint skip RUN AGENT         do without an agent's answer, or give one in its place
  counterpoint retry RUN AGENT        begin an agent anew, or ask one again that has failed
  counterpoint add RUN TASK           have one agent more do a task of yours in it
  counterpoint tell RUN AGENT TEXT    say something to an agent at work
  counterpoint set RUN                change its limits
  counterpoint replace RUN SCRIPT     go on with another script

\`counterpoint COMMAND --help\` tells the options of a command.
Exit codes: 0 completed or done, 1 failed, refused or would fail, 2 wrong usage, 3 completed with failures,
4 stopped at a question that nobody was there to answer (--unattended), 130 stopped.`;

const WORKSPACE = '  --workspace DIR    the folder to work in (default: this one)';
const HELP_OPTION = '  --help             this text';
const ONE_DOCUMENT = `${WORKSPACE}
  --json             print one JSON document on stdout
${HELP_OPTION}`;
const COMMON = `${WORKSPACE}
  --json             print one JSON document on stdout; progress goes to stderr
  --report DIR       also write there the report (Markdown), the tree (one HTML file) and results.sarif, if the result has \`sarif\`
${HELP_OPTION}`;
const LIMITS = `  --concurrency N    agents at a time, 1 to 256 (default 16)
  --max-agents N     agents in all, 1 to 10000 (default 1000)
  --budget N         output tokens in all (default: no cap)
  --max-cost USD     what all may cost, by the price table (default: no cap)`;
const ALL_LIMITS = `${LIMITS}
  --agent-timeout S  seconds one agent may take (default: no limit); over it the agent fails
  --agent-turns N    replies one agent may take (default 50); over it the agent fails
  --agent-tokens N   output tokens one agent may use (default: no limit); over it the agent fails
  --timeout S        seconds the run may take (default: no limit); over it the run fails, and can be resumed`;
const UNATTENDED = `  --profile ID       what agents may do: read-only (the default), edit-in-worktrees (change files and run programs, each in a worktree
                     of its own), or trusted (in the workspace itself; what no sandbox holds, or reaches the network, is asked)
  --allow RULE, --ask RULE, --deny RULE
                     beside that, as often as you like: bash(npm test), bash(git log *), edit_file(src/**), web_fetch(docs.rs), grep;
                     deny wins over ask, and ask over allow; a rule for paths holds for every tool and for programs in their sandbox,
                     which reach no host but by --allow 'bash_network(HOST)'
  --permission-timeout S
                     seconds after which a tool call that nobody allowed is denied (default: it waits)
  --unattended       nobody is there: tool calls that would be asked are denied; where the script asks a person and sets no time for its
                     default, stop (exit code 4); \`answer\` and \`resume\` go on`;
const RUN = "RUN is a run's id, or the beginning of one.";
const AGENT = `${RUN} AGENT is a number, as \`counterpoint show RUN --agents\` lists them; \`added-1\` is one that was added.`;

const ARGS =
  '  --args JSON        what the script gets as `args`; plain text for a script that takes a line of text (`counterpoint workflows` tells)';
const MODEL = `  --provider ID      anthropic (the default; needs ANTHROPIC_API_KEY), bedrock, vertex, compatible (any server of the Messages
                     API), or builtin (the built-in analyst, no AI model); \`counterpoint models\` tells what each needs
  --model ID         the model where the script names none (opus, sonnet, haiku, or a full name)`;
const ROLE_MODELS = `  --finder-model ID, --challenger-model ID, --judge-model ID
                     the model of agents that find, that challenge or that judge, where the script names none (default: --model)`;

const CHANGE = `  --script FILE|NAME the script to go on with; what it asks for and was finished is not asked again
  --model ID         the model where the script names none, from now on
${ROLE_MODELS}
  Limits, as with \`run\`, are those it had where none are given; --budget none and --max-cost none take a cap away.`;

const BODIES: Record<CommandName, string> = {
  plan: `GOAL is what you want, in quotes: counterpoint plan "Find swallowed errors in src". A model looks at the workspace and
writes a script, which is read, checked and dry-run; none of its agents is asked. The built-in analyst picks a bundled workflow.

  --size SIZE        auto (the default), or small, medium, large: about 5, 40 or 200 agents
  --out FILE         write the script there, where no file is yet (default: among the drafts of the workspace)
  --run              run it at once; asks before that
  --yes              do not ask; \`--run\` needs it where there is no terminal
  --provider ID      anthropic (the default; needs ANTHROPIC_API_KEY), bedrock, vertex, compatible or builtin, as with \`run\`
  --model ID         the model that plans, and that runs what names none (opus, sonnet, haiku, or a full name)
${ROLE_MODELS}
  What the run goes by is planned for, and told with the command that runs it:
${ALL_LIMITS}
${UNATTENDED}
${ONE_DOCUMENT}`,
  preview: `Runs the script dry: nothing is asked of a model, and no key is needed. Exit code 1 where it would fail.

${ARGS}
  --provider ID      whose prices and models are meant: anthropic (the default), bedrock, vertex, compatible or builtin
  --model ID         the model where the script names none (opus, sonnet, haiku, or a full name)
${ROLE_MODELS}
${ALL_LIMITS}
${ONE_DOCUMENT}`,
  run: `${ARGS}
${MODEL}
${ROLE_MODELS}
  --engine ID        what runs the script: isolated-vm, quickjs, or auto (the default: isolated-vm where its binaries load)
${ALL_LIMITS}
${UNATTENDED}
${COMMON}`,
  agent: `TASK is what the agent is to do, in quotes: counterpoint agent "Which of our dependencies are unused?" Its answer is the result,
and the report. This is \`run\` with the bundled workflow \`agent\`, called after the task.

  --label TEXT       what the run is called (default: the first line of the task)
  --agent-type TYPE  which kind of agent: Explore, Plan, writer, ..., or one that the project or you have defined
${MODEL}
  --engine ID        what runs the script: isolated-vm, quickjs, or auto (the default)
${ALL_LIMITS}
${UNATTENDED}
${COMMON}`,
  resume: `${RUN} Finished agents are not asked again; what failed is. A run that is paused in another process goes on there.

${CHANGE}
${ALL_LIMITS}
${UNATTENDED}
${COMMON}`,
  fork: `${RUN} What was finished by then, and is asked again, is not asked anew.

  --from SEQ         the last event that still counts, as \`counterpoint show RUN --events\` lists them (default: the newest)
${CHANGE}
${ALL_LIMITS}
${UNATTENDED}
${COMMON}`,
  watch: `${RUN} Shows it to its end, with the exit code that \`run\` would have; Ctrl-C leaves the run alone.

  --take-over        where the process that drives it dies, go on driving it here (else: exit code 1)
${COMMON}`,
  models: `Without options it lists the providers and what each needs. With one it makes one small real request, for some hundred
tokens, and tells what the model can do: text, tools, structured output, streaming, what it counts, how long it took and what it cost.
Exit code 1 where agents cannot work with it.

  --provider ID      whom to ask: anthropic (the default), bedrock, vertex, compatible or builtin
  --model ID         the model to ask (default: that of the provider)
  --json             print one JSON document on stdout
${HELP_OPTION}`,
  mcp: `Lists what .mcp.json and .vscode/mcp.json define, how each server stands, and what of it cannot be used; nothing is started.
\`mcp allow NAME\` lets one be started when an agent needs it: in this folder, as it is written now, and as long as the programs of
the workspace that it names are as they are now. \`mcp forbid NAME\` takes that back; one that runs does so until its process ends. What agents may call of it is up to
rules such as --allow 'mcp(github:list_issues)', or 'mcp' for all servers.

${ONE_DOCUMENT}`,
  runs: ONE_DOCUMENT,
  workflows: `Those of the project, your own and bundled ones; of two with one name the first of these wins.

${ONE_DOCUMENT}`,
  save: `\`counterpoint run NAME\` then runs it, in the workspace or, with --user, everywhere.

  --name NAME        what it is run by: letters, digits, dots, dashes and underscores
  --user             keep it as your own (~/.counterpoint/workflows), not as the project's (.counterpoint/workflows)
  --replace          a workflow of that name may be lost
${ONE_DOCUMENT}`,
  show: `${RUN}

  --agents           every agent: number, state, label, phase, and why it has no answer
  --events           every event: number, time, type and a few words
${COMMON}`,
  pause: `${RUN} What is under way comes to its end; nothing new goes out until \`counterpoint resume RUN\`.

${ONE_DOCUMENT}`,
  stop: `${RUN} What is finished is kept; \`counterpoint resume RUN\` goes on.

  --agent N          stop only this agent: the script gets null from it, and the run goes on
${ONE_DOCUMENT}`,
  skip: `${AGENT}

  --value JSON       what the script gets in place of the agent's answer (default: null); a value is kept like an answer
${ONE_DOCUMENT}`,
  retry: `${AGENT}
One at work begins anew. For one that has failed the script begins anew, and finds everything else as it was.

${ONE_DOCUMENT}`,
  add: `${RUN} TASK is what the agent is to do, in quotes:
counterpoint add RUN "Who calls parse()?" It works beside the script, under the run's permissions and caps, and the run does not end
before it has. \`counterpoint show RUN\` prints its answer, and a script finds it in \`tool('inbox')\`. \`counterpoint agent TASK\` has
one work without a run.

  --label TEXT       what it is called (default: the beginning of the task)
  --agent-type TYPE  which kind of agent: Explore, Plan, writer, ..., or one that the project or you have defined
  --model ID         the model (default: that of the run)
${ONE_DOCUMENT}`,
  tell: `${AGENT} It hears the message before its next turn.

${ONE_DOCUMENT}`,
  set: `${RUN} What is not given stays; \`none\` takes away a cap.

${LIMITS}
${ONE_DOCUMENT}`,
  replace: `${RUN} The run goes on with this script: what it asks for and was finished, or is under way, is not asked again.

${ONE_DOCUMENT}`,
  answer: `${RUN} Without a choice it lists the open questions. QUESTION is the number of one, and may be left out
where only one is open. It works while nobody drives the run, too; then \`counterpoint resume RUN\` goes on.

  --choice TEXT      one of the choices, or its number
  --comment TEXT     what the script may read beside it
  --values JSON      an object, where the question asks for values
${ONE_DOCUMENT}`,
  apply: `${AGENT}
What it changed in its worktree is applied to the workspace, once, on top of what is there; nothing is staged. Exit code 1 where files
have conflicts, which are marked in them.

${ONE_DOCUMENT}`,
  permit: `${RUN} Without --answer it lists what agents wait to be allowed. AGENT is the number of one, and may be left out where
only one waits. Agents that want the same wait for one answer.

  --answer ANSWER    once, run (for the rest of the run), always (for this script as it is, in this folder, for 30 days), or deny
${ONE_DOCUMENT}`,
};

export function commandHelp(command: CommandName): string {
  return `${['counterpoint', command, ...ARGUMENTS[command]].join(' ')} [options]\n\n${BODIES[command]}`;
}
