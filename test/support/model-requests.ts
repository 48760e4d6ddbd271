import type { CompletionWatch, ModelRequest } from '../../extension/models/provider.ts';

/** The shortest request there is, of a model in the table. */
export const REQUEST: ModelRequest = {
  model: 'claude-haiku-4-5',
  system: 'Be brief.',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
  tools: [],
  maxOutputTokens: 100,
};

/** The same with another prompt. */
export function requestFor(prompt: string, rest: Partial<ModelRequest> = {}): ModelRequest {
  return { ...REQUEST, messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }], ...rest };
}

/** A watch that keeps all that it hears. */
export function heard(
  signal = new AbortController().signal,
): Required<Omit<CompletionWatch, 'unpaused'>> & { deltas: string[]; notes: string[] } {
  const deltas: string[] = [];
  const notes: string[] = [];
  return {
    signal,
    deltas,
    notes,
    onText: (delta) => {
      deltas.push(delta);
    },
    onNote: (note) => {
      notes.push(note);
    },
  };
}
