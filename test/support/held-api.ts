import type { FakeReply, FakeScript } from './fake-anthropic.ts';
import { promptOf, type RunHarness, runHarness } from './run-harness.ts';

/** A run harness whose model answers `re: PROMPT`, but holds back the prompts a test names until it lets them go. */
export interface HeldHarness extends RunHarness {
  /** Answers the oldest request with this prompt, that is there or comes. */
  release(prompt: string, reply?: FakeReply): Promise<void>;
}

/** @param isHeld which prompts wait; prompts that begin with `held` by default. */
export async function heldHarness(isHeld = (prompt: string) => prompt.startsWith('held')): Promise<HeldHarness> {
  const waiting = new Map<string, ((reply: FakeReply) => void)[]>();
  const script: FakeScript = (body) => {
    const prompt = promptOf(body);
    if (!isHeld(prompt)) return { text: `re: ${prompt}`, usage: { output: 10 } };
    return new Promise((resolve) => waiting.set(prompt, [...(waiting.get(prompt) ?? []), resolve]));
  };
  const harness = await runHarness(script);
  return {
    ...harness,
    async release(prompt, reply = { text: `re: ${prompt}`, usage: { output: 10 } }) {
      while (!waiting.get(prompt)?.length) await new Promise((resolve) => setTimeout(resolve, 5));
      waiting.get(prompt)?.shift()?.(reply);
    },
  };
}
