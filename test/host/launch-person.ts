import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointTests } from './checkpoint-person-tests.ts';
import { type CodeServer, type CodeServerOptions, installVsix, personHome, startCodeServer } from './code-server.ts';
import { approve, writeFixture } from './fixture.ts';
import { goalTests } from './goal-person-tests.ts';
import { startHeldApi } from './held-api.ts';
import { personTests, QUIET } from './person-tests.ts';
import { restrictedTests } from './restricted-tests.ts';
import { type HostResult, type HostTest, lineOf, runTests } from './runner.ts';
import { steeringTests } from './steering-person-tests.ts';
import { restrictedViewsTests, viewsTests } from './views-person-tests.ts';
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
  const person = personHome(options.home);
  await approve(person, workspace);
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
        const desk = {
          window,
          pictures,
          workspace,
          api,
          approve: (...texts: string[]) => approve(person, workspace, texts),
        };
        const openWindow = () => secondWindow(server, workspace);
        return [
          ...personTests(desk),
          ...goalTests(desk),
          ...steeringTests(desk),
          ...checkpointTests({ ...desk, openWindow }),
        ];
      },
    );
    const [shop, empty] = [join(options.home, 'views-shop'), join(options.home, 'empty')];
    await mkdir(empty, { recursive: true });
    await writeFixture(shop);
    await approve(person, shop);
    const views = await inWindow(
      { ...options, trusted: true, driver: false, settings: QUIET },
      async (window, server) => viewsTests({ window, server, pictures, workspace: shop, empty }),
    );
    const settings = { ...QUIET, 'security.workspace.trust.startupPrompt': 'never' };
    const restricted = await inWindow(
      { ...options, trusted: false, driver: false, settings },
      async (window, server) => [
        ...restrictedViewsTests({ window, server, pictures, workspace, empty }),
        ...restrictedTests({ window, server, pictures, workspace }),
      ],
    );
    return [...trusted, ...views, ...restricted];
  } finally {
    await api.close();
  }
}

/** As on another screen: nothing of the first window is known to it. */
async function secondWindow(server: CodeServer, workspace: string): Promise<Window> {
  const page = await server.browser.newPage({ viewport: { width: 1000, height: 800 } });
  page.setDefaultTimeout(15_000);
  const window = new Window(page);
  await server.load(page, workspace);
  await window.ready();
  return window;
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
