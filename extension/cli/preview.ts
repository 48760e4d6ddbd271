import type { PreviewedRun } from '../planner/preview-request.ts';
import { foldRun } from '../protocol/run-tree.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { cancellable, EXIT_CANCELLED } from './cancellable.ts';
import { previewTree, previewTreeLines } from './preview-tree.ts';
import { previewLines } from './preview-words.ts';
import { argsOf } from './script-args.ts';
import { scriptPath } from './steer.ts';
import type { CommandLine } from './usage.ts';

/** Tells what a script would do and cost. Returns the exit code: 1 where it would fail. */
export async function preview(line: CommandLine, manager: RunManager): Promise<number> {
  const args = await argsOf(line, manager);
  const { previewScript } = await import('../planner/preview.ts');
  const previewed = await cancellable(line, 'the preview was cancelled', (signal) =>
    previewScript(manager, {
      script: scriptPath(line.subject),
      ...(args !== undefined && { args }),
      provider: line.provider ?? 'anthropic',
      ...(line.model !== null && { model: line.model }),
      models: line.models,
      limits: line.limits,
      ...(line.permissions && { permissions: line.permissions }),
      mayRead: true,
      signal,
    }),
  );
  if (!previewed) return EXIT_CANCELLED;
  if (line.json) process.stdout.write(`${JSON.stringify(previewDocument(previewed))}\n`);
  else console.log(previewText(previewed));
  return previewed.preview.error ? 1 : 0;
}

/** The preview and its tree, for another program to read. */
export function previewDocument({ preview: facts, events }: PreviewedRun) {
  return { ...facts, tree: previewTree(foldRun(events)) };
}

/** The same for a person. */
export function previewText({ preview: facts, events }: PreviewedRun): string {
  const tree = previewTreeLines(foldRun(events));
  return [...previewLines(facts), ...(tree.length > 0 ? ['tree of the likeliest dry run:', ...tree] : [])].join('\n');
}
