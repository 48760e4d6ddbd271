import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { placesIn, type ScriptDocument } from '../../extension/editor/script-places.ts';
import { questionFixture } from './question-fixture.ts';

const SCRIPT = `phase('Ask');\nconst ask = checkpoint;\nawait ask('Ship it?');\nawait checkpoint('Sure?');\n`;
const DIGEST = createHash('sha256').update(SCRIPT).digest('hex');

function documentOf(text: string, path = '/project/flows/ship.js', scheme = 'file', query = ''): ScriptDocument {
  const lines = text.split('\n');
  return {
    uri: { scheme, path, query, fsPath: path },
    version: 1,
    lineCount: lines.length,
    lineAt(line) {
      const text = lines[line];
      // As VS Code does.
      if (text === undefined) throw new Error('Illegal value for `line`');
      return { text };
    },
    getText: () => text,
  };
}

const ship = questionFixture({ line: 3, digest: DIGEST, question: 'Ship it?' });
const sure = questionFixture({ line: 4, digest: DIGEST, question: 'Sure?' });
const linesOf = (document: ScriptDocument, ...questions: (typeof ship)[]) =>
  placesIn(document, questions).map(({ line, questions: asked }) => [line, ...asked.map(({ asks }) => asks.question)]);

test('in the script that ran every question has its line, whatever that line looks like', () => {
  expect(linesOf(documentOf(SCRIPT), sure, ship)).toEqual([
    [2, 'Ship it?'],
    [3, 'Sure?'],
  ]);
  expect(linesOf(documentOf(SCRIPT, '/elsewhere/ship.js'), ship)).toEqual([[2, 'Ship it?']]);
});

test('in a file that has changed since, only a line that still asks', () => {
  const changed = documentOf(SCRIPT.replace('Ask', 'Ask first'));
  expect(linesOf(changed, ship, sure)).toEqual([[3, 'Sure?']]);
  expect(linesOf(documentOf(`// new\n${SCRIPT}`), sure)).toEqual([]);
  expect(linesOf(documentOf('', '/project/flows/ship.js'), sure)).toEqual([]);
});

test('what is typed into a script moves its questions at once', () => {
  const document = documentOf(SCRIPT);
  expect(linesOf(document, ship)).toEqual([[2, 'Ship it?']]);
  Object.assign(document, documentOf(`${SCRIPT}// more`), { version: 2 });
  expect(linesOf(document, ship)).toEqual([]);
});

test('no other file has any, however much it looks alike', () => {
  expect(linesOf(documentOf(`${SCRIPT}// more`, '/elsewhere/ship.js'), ship, sure)).toEqual([]);
  expect(linesOf(documentOf(SCRIPT, '/project/flows/other.js'), ship, sure)).toEqual([]);
  expect(linesOf(documentOf(SCRIPT, '/project/flows/ship.js', 'git'), ship, sure)).toEqual([]);
  expect(linesOf(documentOf(SCRIPT), { ...sure, at: null })).toEqual([]);
});

test('the script as it ran has the questions of its own run', () => {
  const asItRan = (run: string) => documentOf(SCRIPT, `/script/${run}/ship.js`, 'counterpoint');
  expect(linesOf(asItRan('run-1'), sure)).toEqual([[3, 'Sure?']]);
  expect(linesOf(asItRan('run-2'), sure)).toEqual([]);
  expect(linesOf(documentOf(SCRIPT, '/report/run-1/ship.js', 'counterpoint'), sure)).toEqual([]);
});

test('a called script has its own questions, and those of its caller are not there', () => {
  const called = { ...sure, at: { line: 4, column: 1, script: 'flows/called.js' } };
  expect(linesOf(documentOf(SCRIPT, '/project/flows/called.js'), called, sure)).toEqual([[3, 'Sure?']]);
  expect(linesOf(documentOf(SCRIPT), called)).toEqual([]);
  const asItRan = (query: string) => documentOf(SCRIPT, '/script/run-1/called.js', 'counterpoint', query);
  expect(linesOf(asItRan('flows/called.js'), called, sure)).toEqual([[3, 'Sure?']]);
  expect(linesOf(asItRan('flows/other.js'), called, sure)).toEqual([]);
});

test('questions of a loop stand at one line together', () => {
  const again = { ...sure, key: 'again', asks: { ...sure.asks, question: 'Again?' } };
  expect(linesOf(documentOf(SCRIPT), sure, again)).toEqual([[3, 'Sure?', 'Again?']]);
});
