import { expect, test } from 'vitest';
import { nameWords, placeWords } from '../../extension/commands/save-words.ts';
import type { WorkflowEntry, WorkflowSource } from '../../extension/runs/run-service.ts';

function entry(name: string, source: WorkflowSource): WorkflowEntry {
  return { name, source, description: '', whenToUse: '', path: `/${name}.js` };
}

const ENTRIES = [
  entry('ours', 'project'),
  entry('claude', 'project-claude'),
  entry('mine', 'user'),
  entry('bug-sweep', 'bundled'),
];

test('a name says how it is run, or whose it is already', () => {
  expect(nameWords('fresh', ENTRIES)).toEqual({ message: 'It is run as /fresh.', taken: false });
  expect(nameWords('ours', ENTRIES)).toMatchObject({
    taken: true,
    message: expect.stringContaining('The project has'),
  });
  expect(nameWords('bug-sweep', ENTRIES).message).toBe('Counterpoint has a workflow /bug-sweep already.');
});

test.each<[string, 'project' | 'user', string]>([
  ['ours', 'project', 'takes the place of the one that is there'],
  ['mine', 'user', 'takes the place of the one that is there'],
  ['claude', 'project', 'goes before the one that the project has'],
  ['mine', 'project', 'goes before the one that you have'],
  ['bug-sweep', 'user', 'goes before the one that comes with Counterpoint'],
  ['ours', 'user', 'In this folder, the one that the project has goes before it'],
])('%s for the %s: %s', (name, to, words) => {
  expect(placeWords(name, to, ENTRIES)).toContain(words);
});
