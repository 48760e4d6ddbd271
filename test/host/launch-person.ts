import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CodeServer, type CodeServerOptions, installVsix, startCodeServer } from './code-server.ts';
import { writeFixture } from './fixture.ts';
import { startHeldApi } from './held-api.ts';
import { personTests, QUIET } from './person-tests.ts';
import { restrictedTests } from './restricted-tests.ts';
import { type HostResult, type HostTest, lineOf, runTests } from './runner.ts';
import { steeringTests } from './steering-person-tests.ts';
import { Window } from './window.ts';

const LIMIT_MS = 120_000;

export interface PersonOptions {
  vscode: string;
  vsix: string;
  /** Fresh folder for the workspace, the user data and the extensions. */
  home: string;
  /** Where screenshots go. */
  pictures: string;
}

/** Installs the package into a fresh VS Code and uses it as a person would: first in a trusted window, then in a restricted one. */
export async function runPersonTests(options: PersonOptions): Promise<HostResult[]> {
  const workspace = join(options.home, 'shop');
  await mkdir(workspace, { recursive: true });
  await writeFixture(workspace);
  await installVsix(options, options.vsix);
  const api = await startHeldApi();
  const env = { ANTHROPIC_BASE_URL: api.url };
  const { pictures } = options;
  try {
    const trusted = await inWindow(
      { ...options, trusted: true, driver: false, settings: QUIET, env },
      async (window, server) => {
        await server.load(window.page, workspace);
        await window.ready();
        const desk = { window, pictures, workspace, api };
        return [...personTests(desk), ...steeringTests(desk)];
      },
    );
    const settings = { ...QUIET, 'security.workspace.trust.startupPrompt': 'never' };
    const restricted = await inWindow({ ...options, trusted: false, driver: false, settings }, async (window, server) =>
      restrictedTests({ window, server, pictures, workspace }),
    );
    return [...trusted, ...restricted];
  } finally {
    await api.close();
  }
}

async function inWindow(
  options: CodeServerOptions & PersonOptions,
  prepare: (window: Window, server: CodeServer) => Promise<HostTest[]>,
): Promise<HostResult[]> {
  const server = await startCodeServer(options);
  try {
    const page = await server.browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(15_000);
    const window = new Window(page);
    return await runTests(await prepare(window, server), LIMIT_MS, async (result) => {
      console.log(lineOf(result));
      const name = `failed-${result.name.replace(/[^a-z0-9]+/gi, '-')}.png`;
      if (result.failure !== undefined) await window.screenshot(join(options.pictures, name));
    });
  } finally {
    await server.close();
  }
}
