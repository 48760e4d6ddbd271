import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { addedAgentTests } from './added-agent-person-tests.ts';
import { applyTests } from './apply-person-tests.ts';
import { chatTests, WITH_CHAT } from './chat-person-tests.ts';
import { checkpointTests } from './checkpoint-person-tests.ts';
import { type CodeServer, type CodeServerOptions, installVsix, personHome, startCodeServer } from './code-server.ts';
import { findingTests } from './findings-person-tests.ts';
import { approve, writeFixture } from './fixture.ts';
import { goalTests } from './goal-person-tests.ts';
import { type HeldApi, startHeldApi } from './held-api.ts';
import { modelTests } from './model-person-tests.ts';
import { installModels } from './models-extension.ts';
import { ASKING, permissionTests } from './permission-person-tests.ts';
import { personTests, QUIET } from './person-tests.ts';
import { restrictedTests } from './restricted-tests.ts';
import { type HostResult, type HostTest, lineOf, runTests } from './runner.ts';
import { serverTests } from './server-person-tests.ts';
import { steeringTests } from './steering-person-tests.ts';
import { restrictedViewsTests, viewsTests } from './views-person-tests.ts';
import { Window } from './window.ts';

const LIMIT_MS = 120_000;
/** The last two have nothing in them: one that is trusted, one that is not. */
const FOLDERS = ['shop', 'views-shop', 'empty', 'untouched'];

export interface PersonOptions {
  vscode: string;
  vsix: string;
  /** Fresh folder for the workspace, the user data and the extensions. */
  home: string;
  /** Where screenshots go. */
  pictures: string;
  /** Names of groups of tests; empty: all. */
  only: readonly string[];
}

/** Tests that build on each other, by the name that `--only` knows them by. */
type Groups = Record<string, () => HostTest[]>;

/** Installs the package into a fresh VS Code and uses it as a person would: in a trusted window, in one with VS Code's chat, then in a restricted one. */
export async function runPersonTests(options: PersonOptions): Promise<HostResult[]> {
  const [workspace, shop, empty, untouched] = FOLDERS.map((name) => join(options.home, name));
  assert(workspace && shop && empty && untouched);
  const person = personHome(options.home);
  for (const folder of [workspace, shop, empty, untouched]) await mkdir(folder, { recursive: true });
  for (const folder of [workspace, shop]) {
    await writeFixture(folder);
    await approve(person, folder);
  }
  await installModels(options.home);
  await installVsix(options, options.vsix);
  const api = await startHeldApi();
  try {
    return [
      ...(await inTrustedWindow(options, workspace, api)),
      ...(await inChatWindow(options, shop, empty)),
      ...(await inRestrictedWindow(options, workspace, untouched)),
    ];
  } finally {
    await api.close();
  }
}

function inTrustedWindow(options: PersonOptions, workspace: string, api: HeldApi): Promise<HostResult[]> {
  const { pictures, only } = options;
  // The tests of the panel give a key as a person does.
  const isGiven = only.length === 0 || only.includes('panel');
  const env = { ANTHROPIC_BASE_URL: api.url, ...(!isGiven && { ANTHROPIC_API_KEY: 'loopback' }) };
  return inWindow({ ...options, trusted: true, settings: QUIET, machine: ASKING, env }, (window, server) => {
    const approved = (...texts: string[]) => approve(personHome(options.home), workspace, texts);
    const desk = { window, pictures, workspace, api, approve: approved };
    const openWindow = () => secondWindow(server, workspace);
    return {
      folder: workspace,
      groups: {
        panel: () => personTests(desk),
        goals: () => goalTests(desk),
        findings: () => findingTests(desk),
        models: () => modelTests(desk),
        servers: () => serverTests(desk),
        // Before those that edit the script of its run.
        added: () => addedAgentTests(desk),
        steering: () => steeringTests(desk),
        permissions: () => [...permissionTests(desk), ...applyTests(desk)],
        checkpoints: () => checkpointTests({ ...desk, openWindow }),
      },
    };
  });
}

function inChatWindow(options: PersonOptions, workspace: string, empty: string): Promise<HostResult[]> {
  const { pictures, only } = options;
  // Those of the views begin where there is nothing, and leave the window on the workspace.
  const withViews = only.length === 0 || only.includes('views');
  return inWindow({ ...options, trusted: true, settings: { ...QUIET, ...WITH_CHAT } }, (window, server) => {
    const desk = { window, server, pictures, workspace, empty };
    return {
      folder: withViews ? empty : workspace,
      groups: { views: () => viewsTests(desk), chat: () => chatTests(desk) },
    };
  });
}

function inRestrictedWindow(options: PersonOptions, workspace: string, empty: string): Promise<HostResult[]> {
  const { pictures } = options;
  const settings = { ...QUIET, 'security.workspace.trust.startupPrompt': 'never' };
  return inWindow({ ...options, trusted: false, settings }, (window, server) => {
    const desk = { window, server, pictures, workspace, empty };
    return {
      folder: empty,
      // What is restricted looks at a run that the panel's tests have left.
      groups: { untrusted: () => restrictedViewsTests(desk), restricted: () => restrictedTests(desk) },
    };
  });
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
  options: Omit<CodeServerOptions, 'driver'> & PersonOptions,
  prepare: (window: Window, server: CodeServer) => { folder: string; groups: Groups },
): Promise<HostResult[]> {
  const server = await startCodeServer({ ...options, driver: false });
  try {
    const page = await server.browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(15_000);
    const window = new Window(page);
    const { folder, groups } = prepare(window, server);
    const wanted = Object.keys(groups).filter((name) => options.only.length === 0 || options.only.includes(name));
    if (wanted.length === 0) return [];
    await server.load(page, folder);
    await window.ready();
    const tests = wanted.flatMap((name) => groups[name]?.() ?? []);
    return await runTests(tests, LIMIT_MS, async (result) => {
      console.log(lineOf(result));
      const name = `failed-${result.name.replace(/[^a-z0-9]+/gi, '-')}.png`;
      if (result.failure !== undefined) await window.screenshot(join(options.pictures, name));
    });
  } finally {
    await server.close();
  }
}
