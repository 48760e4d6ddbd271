import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modelsIn, profileIn, rulesIn } from '../../extension/commands/read-settings.ts';
import { PROFILES } from '../../extension/protocol/permissions.ts';

const MANIFEST = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));

function models(settings: Record<string, unknown>) {
  return modelsIn((name) => settings[name]);
}

test('roles have the models of their settings, and none where those are empty', () => {
  expect(models({ finderModel: ' haiku ', challengerModel: 'opus', judgeModel: '' })).toEqual({
    agent: 'haiku',
    challenger: 'opus',
  });
  expect(models({ finderModel: '', judgeModel: 7 })).toBeUndefined();
});

test('without a setting agents only look; a profile that does not exist is refused, not taken for another', () => {
  expect(profileIn(undefined)).toBe('read-only');
  expect(profileIn('trusted')).toBe('trusted');
  for (const wrong of ['Trusted', '', 1, ['trusted']])
    expect(() => profileIn(wrong)).toThrow(
      'counterpoint.profile must be one of: read-only, edit-in-worktrees, trusted.',
    );
});

test('rules are taken as they are written, and lists that are missing are empty', () => {
  expect(rulesIn({ deny: ['bash(rm *)'] })).toEqual({ allow: [], ask: [], deny: ['bash(rm *)'] });
  for (const none of [undefined, null, {}, { allow: [], ask: [], deny: [] }]) expect(rulesIn(none)).toBeUndefined();
});

test.each([
  ['a list', ['bash']],
  ['a rule in place of a list', { deny: 'bash' }],
  ['something else among the rules', { deny: ['bash', 7] }],
  ['a misspelt list', { denies: ['bash'] }],
  ['a word', 'bash'],
])('%s is refused: read as nothing it would deny nothing', (_what, value) => {
  expect(() => rulesIn(value)).toThrow(
    /^The setting counterpoint\.permissions must have the lists allow, ask and deny/,
  );
});

test('no folder sets what agents may do, or where a key is sent; the profiles on offer are those that there are', () => {
  const settings = MANIFEST.contributes.configuration.properties;
  const guarded = ['profile', 'permissions', 'permissionTimeout', 'compatibleBaseUrl'];
  expect(guarded.map((name) => settings[`counterpoint.${name}`].scope)).toEqual(guarded.map(() => 'machine'));
  expect(settings['counterpoint.profile'].enum).toEqual([...PROFILES]);
  const restricted = MANIFEST.capabilities.untrustedWorkspaces.restrictedConfigurations;
  expect(Object.keys(settings).filter((name) => !restricted.includes(name))).toEqual([]);
});
