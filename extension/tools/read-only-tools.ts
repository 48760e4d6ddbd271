import { gitDiffTool } from './git-diff.ts';
import { globTool } from './glob.ts';
import { grepTool } from './grep.ts';
import { listDirectoryTool } from './list-directory.ts';
import { readFileTool } from './read-file.ts';
import type { Tool } from './tool.ts';

/** What an agent may use to look at the workspace; in the order in which a model sees them. */
export const READ_ONLY_TOOLS: readonly Tool[] = [readFileTool, listDirectoryTool, globTool, grepTool];

/** What a script may call by `tool()`. An agent pays for each tool that it is offered, whether it uses it or not; a script does not. */
export const SCRIPT_TOOLS: readonly Tool[] = [...READ_ONLY_TOOLS, gitDiffTool];
