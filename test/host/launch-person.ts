import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { installVsix, startCodeServer } from './code-server.ts';
import { writeFixture } from './fixture.ts';
import { personTests, QUIET } from './person-tests.ts';
import { type HostResult, lineOf, runTests } from './runner.ts';
import { Window } from './window.ts';

const LIMIT_MS = 60_000;

export interface PersonOptions {
  vscode: string;
  vsix: string;
  /** Fresh folder for the workspace, the user data and the extensions. */
  home: string;
  /** Where screenshots go. */
  pictures: string;
}

/** Installs the package into a fresh VS Code and uses it as a person would. */
export async function runPersonTests(options: PersonOptions): Promise<HostResult[]> {
  const workspace = join(options.home, 'shop');
  await mkdir(workspace, { recursive: true });
  await writeFixture(workspace);
  await installVsix(options, options.vsix);
  const server = await startCodeServer({ ...options, trusted: true, driver: false, settings: QUIET });
  try {
    const page = await server.browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(15_000);
    const window = new Window(page);
    await server.load(page, workspace);
    await window.ready();
    return await runTests(personTests({ window, pictures: options.pictures }), LIMIT_MS, async (result) => {
      console.log(lineOf(result));
      if (result.failure !== undefined)
        await window.screenshot(join(options.pictures, `failed-${result.name.replace(/[^a-z0-9]+/gi, '-')}.png`));
    });
  } finally {
    await server.close();
  }
}
