import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { renderRunPage } from '../panel/run-page.ts';
import type { CallDetails } from '../protocol/call-details.ts';
import { errorInfo, UserError } from '../protocol/errors.ts';
import { isJsonObject } from '../protocol/json.ts';
import type { RunManager } from '../runs/run-manager.ts';
import type { Home } from './main.ts';

/**
 * Writes `RUN.md` (where the run has a report), `RUN.html`, the run's tree as one self-contained file, and `results.sarif`
 * where the result has an object `sarif`: under one name, for it is what a pipeline uploads.
 */
export async function writeReport(
  manager: RunManager,
  runId: string,
  home: Home,
  folder: string,
): Promise<{ what: string; path: string }[]> {
  const target = resolve(folder);
  const report = manager.report(runId);
  const page = renderRunPage({
    dist: join(home.root, 'dist'),
    events: manager.events(runId, 0),
    details: allDetails(manager, runId),
    report,
  });
  const files = [{ what: 'tree', path: join(target, `${runId}.html`), text: page }];
  if (report !== null) files.unshift({ what: 'report', path: join(target, `${runId}.md`), text: report });
  const result = manager.result(runId);
  if (isJsonObject(result) && isJsonObject(result.sarif)) {
    const text = `${JSON.stringify(result.sarif, null, 2)}\n`;
    files.push({ what: 'sarif', path: join(target, 'results.sarif'), text });
  }
  try {
    await mkdir(target, { recursive: true });
    await Promise.all(files.map(({ path, text }) => writeFile(path, text)));
  } catch (error) {
    const reason = errorInfo(error).message;
    throw new UserError(
      'workspace-unusable',
      `The report cannot be written (${reason}). The run is kept: \`counterpoint show ${runId} --report DIR\` writes it elsewhere.`,
      { cause: error },
    );
  }
  return files.map(({ what, path }) => ({ what, path }));
}

function allDetails(manager: RunManager, runId: string): Record<number, CallDetails> {
  const agents = [...manager.tree(runId).calls.values()].filter((call) => call.info.kind === 'agent');
  return Object.fromEntries(agents.map(({ info }) => [info.id, manager.details(runId, info.id)]));
}
