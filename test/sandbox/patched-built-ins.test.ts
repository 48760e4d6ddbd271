import { expect, it } from 'vitest';
import { describeOnEngines, play, script } from '../support/script-host.ts';

describeOnEngines('built-ins of the script’s own', () => {
  it('a script that replaces the built-ins does not change what it asks for', async () => {
    const body = `JSON.stringify = () => '{"type":"forged"}'; JSON.parse = () => ({ type: 'forged' });
Array.prototype.map = Array.prototype.push = Array.prototype.join = Object.entries = Object.keys = () => [];
String.prototype.slice = () => 'forged';
const real = await agent('asked', { label: 'L' }); return real`;
    const { prompts, end } = await play(script(body));
    expect([prompts, end]).toEqual([['asked'], { ok: true, result: 'asked' }]);
  });
});
