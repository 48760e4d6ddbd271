import { bashTool } from './bash.ts';
import { editFileTool } from './edit-file.ts';
import { READ_ONLY_TOOLS } from './read-only-tools.ts';
import type { Tool } from './tool.ts';
import { webFetchTool } from './web-fetch.ts';
import { writeFileTool } from './write-file.ts';

/** What agents that may change files and run programs are offered. An agent pays for each tool that it is offered. */
export const EDIT_TOOLS: readonly Tool[] = [...READ_ONLY_TOOLS, editFileTool, writeFileTool, bashTool];

/** What agents are offered that may reach the network beside that. */
export const NETWORK_TOOLS: readonly Tool[] = [...EDIT_TOOLS, webFetchTool];
