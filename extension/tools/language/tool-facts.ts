import type { Tool } from '../tool.ts';

/** What there is to know of a tool where no editor is there to run it. */
export type ToolFacts = Omit<Tool, 'run' | 'targets'>;
