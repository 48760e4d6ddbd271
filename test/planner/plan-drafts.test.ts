import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { saveDraft } from '../../extension/planner/drafts.ts';
import { freeName, slug } from '../../extension/planner/plan-name.ts';
import { tempDir } from '../support/temp-dir.ts';

test('a draft lies in a folder that git does not see', async () => {
  const workspace = tempDir();
  const path = await saveDraft(workspace, { name: 'audit', text: 'first' });
  expect(relative(workspace, path)).toBe(join('.counterpoint', 'drafts', 'audit.js'));
  expect(readFileSync(path, 'utf8')).toBe('first');
  expect(readFileSync(join(workspace, '.counterpoint', '.gitignore'), 'utf8')).toMatch(/^\*$/m);
});

test('another text under the same name gets a number, the same text its own file again', async () => {
  const workspace = tempDir();
  const save = async (text: string) =>
    relative(join(workspace, '.counterpoint', 'drafts'), await saveDraft(workspace, { name: 'audit', text }));
  expect([await save('first'), await save('second'), await save('first'), await save('second')]).toEqual([
    'audit.js',
    'audit-2.js',
    'audit.js',
    'audit-2.js',
  ]);
  expect(readFileSync(join(workspace, '.counterpoint', 'drafts', 'audit.js'), 'utf8')).toBe('first');
});

test('a link or a folder in the place of a draft is left as it is', async () => {
  const workspace = tempDir();
  const drafts = join(workspace, '.counterpoint', 'drafts');
  mkdirSync(join(drafts, 'audit-2.js'), { recursive: true });
  const outside = join(tempDir(), 'target.js');
  writeFileSync(outside, 'text');
  symlinkSync(outside, join(drafts, 'audit.js'));
  expect(await saveDraft(workspace, { name: 'audit', text: 'text' })).toBe(join(drafts, 'audit-3.js'));
  expect(readFileSync(outside, 'utf8')).toBe('text');
});

test('drafts of many at a time are all kept', async () => {
  const workspace = tempDir();
  const texts = Array.from({ length: 20 }, (_, n) => `text ${n}`);
  const paths = await Promise.all(texts.map((text) => saveDraft(workspace, { name: 'audit', text })));
  expect(new Set(paths).size).toBe(20);
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(texts);
  expect(readdirSync(join(workspace, '.counterpoint', 'drafts'))).toHaveLength(20);
});

test('a folder that a repository turned into a link is not written to', async () => {
  const workspace = tempDir();
  symlinkSync(tempDir(), join(workspace, '.counterpoint'));
  await expect(saveDraft(workspace, { name: 'audit', text: 'x' })).rejects.toMatchObject({
    code: 'workspace-unusable',
  });
});

test.each([
  ['Audit: Error Handling!', 'audit-error-handling'],
  ['../../etc/passwd', 'etc-passwd'],
  ['Überprüfung der Zähler', 'uberprufung-der-zahler'],
  ['検査', 'workflow'],
  ['', 'workflow'],
  [`${'long-'.repeat(20)}`, 'long-long-long-long-long-long-long-long-long-lon'],
])('%j becomes a name that folders take', (text, name) => {
  expect(slug(text)).toBe(name);
});

test('a name that is taken gets the first number that is free', () => {
  const taken = new Set(['audit', 'audit-2', 'a'.repeat(48)]);
  const free = (name: string) => freeName(name, (candidate) => taken.has(candidate));
  expect([free('other'), free('audit'), free('a'.repeat(48))]).toEqual(['other', 'audit-3', `${'a'.repeat(43)}-2`]);
});
