import type { Tool } from '../tools/tool.ts';
import { type AgentType, type Definitions, readDefinitions } from './agent-definitions.ts';
import { isNamed } from './tool-aliases.ts';

/** They look, and change nothing. The last four are there in VS Code alone. */
const LOOKING = [
  ...['read_file', 'list_directory', 'glob', 'grep'],
  ...['diagnostics', 'definition', 'references', 'symbols'],
];

function type(name: string, tools: AgentType['tools'], description: string, prompt = ''): AgentType {
  return { name, description, prompt, tools, model: null, file: null };
}

/** Kinds of agents that there are everywhere. The first four are those of the reference. */
const OURS: readonly AgentType[] = [
  type('general-purpose', null, 'Any task, with all tools of the run.'),
  type(
    'Explore',
    LOOKING,
    'Looks for things in the workspace.',
    'You look for things and say where they are, with file and line.',
  ),
  type(
    'Plan',
    LOOKING,
    'Plans a change.',
    'You plan and change nothing. Say which steps there are, in order, with the files that each touches, and what could go wrong.',
  ),
  type('claude', null, 'Any task, with all tools of the run.'),
  type(
    'finder',
    LOOKING,
    'Looks for defects.',
    'You look for defects. Report only what you have seen in the code: file, line, and how it goes wrong. No matters of style.',
  ),
  type(
    'challenger',
    LOOKING,
    'Tries to refute a claim.',
    'You try to refute what is claimed, by the code itself and not by what is said of it. Only what you cannot refute stands.',
  ),
  type(
    'judge',
    LOOKING,
    'Compares candidates by criteria.',
    'You compare by the criteria you are given, and say why in a sentence each.',
  ),
  type(
    'fixer',
    null,
    'Mends one defect.',
    'You mend one defect by the smallest change that does, in the style around it, and check that it does.',
  ),
  type(
    'reader',
    ['read_file', 'list_directory'],
    'Reads what it is pointed to.',
    'You read what you are pointed to and say what it says, with its place.',
  ),
  type('writer', [], 'Works from its task alone: no tools, and nothing to pay for them.'),
];

/** The kinds of agents of one run. */
export class AgentTypes {
  #types: Map<string, AgentType>;
  readonly problems: Definitions['problems'];

  constructor({ types, problems }: Definitions = { types: [], problems: [] }) {
    this.#types = new Map([...OURS, ...types].map((one) => [one.name, one]));
    this.problems = problems;
  }

  /** With what a project and its user have defined; never rejects. */
  static async read(roots: { workspace: string; home: string }): Promise<AgentTypes> {
    return new AgentTypes(
      await readDefinitions(
        roots,
        OURS.map(({ name }) => name),
      ),
    );
  }

  list(): AgentType[] {
    return [...this.#types.values()];
  }

  /** Undefined where none is asked for, or there is none. */
  of(name: string | undefined): AgentType | undefined {
    return name === undefined ? undefined : this.#types.get(name);
  }

  /** Why an agent of this type cannot be had; null where it can. */
  problem(name: string | undefined): string | null {
    if (name === undefined || this.#types.has(name)) return null;
    const broken = this.problems.map(({ file, problem }) => `; ${file} cannot be used: ${problem}`).join('');
    return `there is no agentType ${JSON.stringify(name)}; there are: ${[...this.#types.keys()].join(', ')}${broken}`;
  }
}

/** Of these tools those that an agent of this type is given: fewer, or all, but no other. */
export function toolsOf(type: AgentType | undefined, tools: readonly Tool[]): readonly Tool[] {
  const named = type?.tools;
  return named ? tools.filter(({ name }) => isNamed(name, named)) : tools;
}

/** What an agent of this type is told beside its task; undefined: nothing. */
export function rulesOf(type: AgentType | undefined): string | undefined {
  if (!type || type.prompt === '') return undefined;
  if (type.file === null) return type.prompt;
  return `How you work, as ${type.file} defines the agent "${type.name}"; it takes nothing back of what is said above.\n${type.prompt}`;
}
