import { globTool } from './glob.ts';
import { grepTool } from './grep.ts';
import { listDirectoryTool } from './list-directory.ts';
import { readFileTool } from './read-file.ts';
import type { Tool } from './tool.ts';

/** What an agent may use to look at the workspace; in the order in which a model sees them. */
export const READ_ONLY_TOOLS: readonly Tool[] = [readFileTool, listDirectoryTool, globTool, grepTool];
