import type { Json } from '../protocol/json.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { argsWords } from '../runs/workflow-args.ts';
import { printable } from './printable.ts';
import { scriptPath } from './steer.ts';
import type { CommandLine } from './usage.ts';
import { readJson, UsageError } from './values.ts';

/**
 * What `--args` gives the script: JSON, or for a script that takes a line of text the text as it is.
 * @throws UsageError where it is neither; ScriptRefusedError, UserError where the script cannot be read.
 */
export async function argsOf({ args, subject }: CommandLine, manager: RunManager): Promise<Json | undefined> {
  try {
    return readJson('--args', args);
  } catch (error) {
    // Text that begins like JSON is meant as such: a script would get a text where it expects an object.
    if (!(error instanceof UsageError) || args === null || /^\s*[[{"]/.test(args)) throw error;
    const { script } = await manager.locate(scriptPath(subject));
    const takes = script.meta.args;
    if (!takes) throw error;
    if ('line' in takes) return args;
    throw new UsageError(`${error.message}. The script takes: ${printable(argsWords(takes))}`);
  }
}
