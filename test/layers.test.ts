import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { expect, test } from 'vitest';

/** Who may import whom; the table of ARCHITECTURE.md. A folder may always import itself. */
const MAY_IMPORT: Record<string, readonly string[] | 'everything'> = {
  protocol: [],
  dialect: ['protocol'],
  journal: ['protocol'],
  scheduler: ['protocol'],
  webview: ['protocol'],
  sandbox: ['protocol', 'dialect'],
  models: ['protocol'],
  tools: ['protocol'],
  permissions: ['protocol', 'tools'],
  agents: ['protocol', 'models', 'tools'],
  runs: ['protocol', 'dialect', 'sandbox', 'journal', 'scheduler', 'agents', 'models', 'tools', 'permissions'],
  planner: [
    'protocol',
    'dialect',
    'sandbox',
    'journal',
    'scheduler',
    'models',
    'tools',
    'agents',
    'permissions',
    'runs',
  ],
  language: ['protocol', 'dialect'],
  panel: ['protocol', 'runs'],
  views: ['protocol', 'runs'],
  editor: ['protocol', 'runs'],
  commands: [
    'protocol',
    'dialect',
    'sandbox',
    'journal',
    'scheduler',
    'models',
    'tools',
    'agents',
    'permissions',
    'runs',
    'planner',
    'language',
    'panel',
    'views',
    'editor',
  ],
  main: 'everything',
  cli: 'everything',
};

/** Folders that may load the editor's API at run time. */
const MAY_LOAD_VSCODE = new Set(['main', 'commands', 'panel', 'views', 'editor', 'language']);

const root = join(import.meta.dirname, '..');
const files = globSync(['extension/**/*.ts', 'webview/**/*.{ts,tsx}'], { cwd: root }).map((file) =>
  file.split(sep).join('/'),
);
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

function layerOf(file: string): string {
  const [top, second = ''] = file.split('/');
  return top === 'webview' ? 'webview' : second.replace(/\.ts$/, '');
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(IMPORT)].map(([, type, from, dynamic]) => ({
    from: file,
    to: from ?? dynamic ?? '',
    typeOnly: type !== undefined,
  }));
}

function wrongArrows(imports: Import[]): string[] {
  return imports.flatMap(({ from, to }) => {
    if (!to.startsWith('.')) return [];
    const target = normalize(join(dirname(from), to))
      .split(sep)
      .join('/');
    const [a, b] = [layerOf(from), layerOf(target)];
    const allowed = MAY_IMPORT[a];
    if (a === b || allowed === 'everything' || allowed?.includes(b)) return [];
    return [`${from} imports ${relative('.', target)}: ${a} may not import ${b}`];
  });
}

test('every import follows the arrows of the house', () => {
  const imports = files.flatMap(importsOf);
  expect(imports.length).toBeGreaterThan(50);
  expect(wrongArrows(imports)).toEqual([]);
});

test('a wrong arrow is found', () => {
  const wrong = { from: 'extension/protocol/x.ts', to: '../runs/run-log.ts', typeOnly: true };
  expect(wrongArrows([wrong])).toHaveLength(1);
});

test('only the editor side loads vscode', () => {
  const loads = files
    .flatMap(importsOf)
    .filter(({ from, to, typeOnly }) => to === 'vscode' && !typeOnly && !from.endsWith('.vscode.ts'));
  expect(loads.filter(({ from }) => !MAY_LOAD_VSCODE.has(layerOf(from))).map(({ from }) => from)).toEqual([]);
});

test('every folder of the house is in the table', () => {
  const layers = new Set(files.map(layerOf));
  expect([...layers].filter((layer) => !(layer in MAY_IMPORT))).toEqual([]);
});
