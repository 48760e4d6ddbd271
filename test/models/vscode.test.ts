import { expect, test } from 'vitest';
import type * as vscode from 'vscode';
import { ModelError, type ModelRequest } from '../../extension/models/provider.ts';
import { testModel } from '../../extension/models/test-model.ts';
import { createEditorProvider } from '../../extension/models/vscode.ts';
import type { EditorApi } from '../../extension/models/vscode-wire.ts';

// VS Code itself is not here; a model of it is, as far as the API says how one behaves. That real VS Code takes the messages,
// and streams what comes back, is tested inside it.

class TextPart {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}
class ToolCallPart {
  readonly callId: string;
  readonly name: string;
  readonly input: object;
  constructor(callId: string, name: string, input: object) {
    this.callId = callId;
    this.name = name;
    this.input = input;
  }
}
class ToolResultPart {
  readonly callId: string;
  readonly content: unknown[];
  constructor(callId: string, content: unknown[]) {
    this.callId = callId;
    this.content = content;
  }
}
interface Sent {
  messages: { role: string; content: unknown }[];
  options: vscode.LanguageModelChatRequestOptions;
  token: { cancelled: boolean };
}

type Answer = (sent: Sent) => AsyncIterable<unknown>;

function editorWith(answer: Answer, models = [{ vendor: 'copilot', id: 'gpt-9', name: 'GPT 9', family: 'gpt' }]) {
  const sent: Sent[] = [];
  const chats = models.map((model) => ({
    ...model,
    maxInputTokens: 1000,
    countTokens: async (text: string) => text.split(' ').length,
    async sendRequest(messages: Sent['messages'], options: Sent['options'], token: Sent['token']) {
      const request = { messages, options, token };
      sent.push(request);
      return { stream: answer(request) };
    },
  }));
  const editor = {
    lm: { selectChatModels: async () => chats },
    LanguageModelChatMessage: {
      User: (content: unknown) => ({ role: 'user', content }),
      Assistant: (content: unknown) => ({ role: 'assistant', content }),
    },
    LanguageModelChatToolMode: { Auto: 1, Required: 2 },
    LanguageModelTextPart: TextPart,
    LanguageModelToolCallPart: ToolCallPart,
    LanguageModelToolResultPart: ToolResultPart,
    CancellationTokenSource: class {
      token = { cancelled: false };
      cancel() {
        this.token.cancelled = true;
      }
      dispose() {
        this.token = { cancelled: true };
      }
    },
  } as unknown as EditorApi;
  return { editor, sent, chats };
}

async function* say(...parts: unknown[]) {
  yield* parts;
}

function failing(code: string, message: string, cause?: unknown): Answer {
  return () => {
    throw Object.assign(new Error(message, { cause }), { code });
  };
}

const ASKED: ModelRequest = {
  model: 'copilot:gpt-9',
  system: 'Be brief.',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'two words' }] }],
  tools: [
    { name: 'grep', description: 'Finds.', inputSchema: { type: 'object' } },
    { name: 'answer', description: 'Gives.', inputSchema: { type: 'object' } },
  ],
  maxOutputTokens: 1000,
};

async function ask(answer: Answer, request = ASKED, signal = new AbortController().signal) {
  const { editor, sent } = editorWith(answer);
  const provider = await createEditorProvider(editor);
  const said: string[] = [];
  const reply = await provider.complete(request, { signal, onText: (text) => said.push(text) });
  return { reply, sent, said };
}

test('text and tool calls come as they stream, and tokens are counted by the model and told as estimated', async () => {
  const parts = [new TextPart('Let me '), new TextPart('look.'), new ToolCallPart('c1', 'grep', { pattern: 'x' })];
  const { reply, said } = await ask(() => say(...parts, { thinking: 'not for us' }));
  expect(said).toEqual(['Let me ', 'look.']);
  expect(reply.stopReason).toBe('tool_use');
  expect(reply.content).toEqual([
    { type: 'text', text: 'Let me look.' },
    { type: 'tool_use', id: 'c1', name: 'grep', input: { pattern: 'x' } },
  ]);
  expect(reply.usage).toEqual({
    ...{ inputTokens: 4, outputTokens: 4, cacheReadTokens: 0, cacheWriteTokens: 0 },
    ...{ costUsd: null, estimated: true },
  });
});

test('the rules are what the user says first; calls, results and what failed go back as they were', async () => {
  const { sent } = await ask(() => say(new TextPart('ok')), {
    ...ASKED,
    messages: [
      ...ASKED.messages,
      {
        role: 'assistant',
        content: [
          { type: 'opaque', value: { type: 'thinking' } },
          { type: 'tool_use', id: 'c1', name: 'grep', input: 'cut off' },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            toolUseId: 'c1',
            content: 'no such file',
            isError: true,
            images: [{ mediaType: 'image/png', data: 'AAAA' }],
          },
        ],
      },
    ],
  });
  expect(sent[0]?.messages).toEqual([
    { role: 'user', content: 'Be brief.' },
    { role: 'user', content: [new TextPart('two words')] },
    { role: 'assistant', content: [new ToolCallPart('c1', 'grep', {})] },
    {
      role: 'user',
      content: [
        new ToolResultPart('c1', [
          new TextPart('Error: no such file\n(There is a picture here, which this model cannot be shown.)'),
        ]),
      ],
    },
  ]);
  expect(sent[0]?.options).toMatchObject({ toolMode: 1, justification: expect.stringContaining('workflow') });
  expect(sent[0]?.options.tools?.map(({ name }) => name)).toEqual(['grep', 'answer']);
});

test('a tool that must be called is the only one on offer', async () => {
  const { sent } = await ask(() => say(new TextPart('ok')), { ...ASKED, toolChoice: 'answer' });
  expect(sent[0]?.options).toMatchObject({ toolMode: 2, tools: [{ name: 'answer', inputSchema: { type: 'object' } }] });
});

test.each<[string, string, unknown, Partial<ModelError>, RegExp]>([
  ['Blocked', 'this is against the rules', undefined, { retryable: false }, /declined to answer: this is against/],
  [
    'Blocked',
    'You have exceeded your premium requests quota',
    undefined,
    { retryable: true, usageLimit: true },
    /used up/,
  ],
  ['Unknown', 'failed', new Error('429 Too Many Requests'), { retryable: true, status: 429 }, /holds back/],
  ['NotFound', 'gone', undefined, { retryable: false, status: 404 }, /has no model copilot:gpt-9 any more/],
  ['NoPermissions', 'no', undefined, { retryable: false, status: 403 }, /does not let Counterpoint use copilot:gpt-9/],
  ['Unknown', 'Message exceeds token limit.', undefined, { retryable: false, promptTooLong: true }, /too long/],
  ['Unknown', 'Response got filtered.', undefined, { retryable: false }, /declined to answer/],
  [
    'Unknown',
    'socket hang up\n\u202Etrick',
    undefined,
    { retryable: true, status: undefined },
    /failed in VS Code: socket hang up trick$/,
  ],
])('%s, “%s” is told as what it is', async (code, message, cause, details, words) => {
  const error = await ask(failing(code, message, cause)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ModelError);
  expect(error).toMatchObject(details);
  expect((error as ModelError).message).toMatch(words);
});

test('a reply that breaks off can be gone on from, unless a tool was called; what it used is known', async () => {
  const broken = async function* (...parts: unknown[]) {
    yield* parts;
    throw new Error('socket hang up');
  };
  const words = await ask(() => broken(new TextPart('half a'))).catch((error: ModelError) => error);
  expect(words).toMatchObject({ retryable: true, partialText: 'half a', usage: { estimated: true, outputTokens: 2 } });
  const call = await ask(() => broken(new TextPart('half'), new ToolCallPart('c', 'grep', {}))).catch((error) => error);
  expect(call).toMatchObject({ partialText: '' });
});

test('an abort ends the request at once, with its reason, also where the model does not care', async () => {
  const given = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<Sent>();
  const pending = ask(
    async function* (sent) {
      resolve(sent);
      yield new TextPart('so ');
      await new Promise(() => undefined);
    },
    ASKED,
    given.signal,
  );
  const { token } = await asked;
  given.abort(new Error('the person stopped it'));
  await expect(pending).rejects.toThrow('the person stopped it');
  expect(token.cancelled).toBe(true);
});

test('an alias is the model that is called so, another name the model of that name, and what is not there is refused with what is', async () => {
  const { editor, chats } = editorWith(
    () => say(new TextPart('ok')),
    [
      { vendor: 'copilot', id: 'auto', name: 'Auto', family: 'auto' },
      { vendor: 'copilot', id: 'c-h', name: 'Claude Haiku 9', family: 'claude-haiku' },
    ],
  );
  const provider = await createEditorProvider(editor);
  const names = ['haiku', 'opus', 'c-h', 'claude-haiku', 'copilot:auto', 'gpt-1'];
  expect([provider.defaultModel, ...names.map(provider.resolveModel)]).toEqual([
    ...['copilot:auto', 'copilot:c-h', 'copilot:auto', 'copilot:c-h', 'copilot:c-h', 'copilot:auto', 'gpt-1'],
  ]);
  const signal = new AbortController().signal;
  await expect(provider.complete({ ...ASKED, model: 'gpt-1' }, { signal })).rejects.toThrow(
    'There is no model "gpt-1" in VS Code. It has: copilot:auto, copilot:c-h.',
  );
  chats.length = 0;
  await expect(createEditorProvider(editor)).rejects.toThrow(/^VS Code has no language model: sign in to Copilot/);
});

test('a model that cannot count is estimated by length', async () => {
  const { editor, chats } = editorWith(() => say(new TextPart('x'.repeat(35))));
  for (const chat of chats) chat.countTokens = () => Promise.reject(new Error('no tokenizer'));
  const provider = await createEditorProvider(editor);
  const { usage } = await provider.complete({ ...ASKED, tools: [] }, { signal: new AbortController().signal });
  expect(usage).toMatchObject({ inputTokens: 6, outputTokens: 10, estimated: true });
});

test('what it can do is found by the test of any model', async () => {
  const call = new ToolCallPart('c', 'answer', { word: 'ready', number: 7 });
  const { editor } = editorWith(() => say(new TextPart('Hello '), new TextPart('there.'), call));
  const provider = await createEditorProvider(editor);
  expect(await testModel(provider, provider.defaultModel, new AbortController().signal)).toMatchObject({
    ...{ provider: 'models of VS Code', model: 'copilot:gpt-9', problem: null },
    ...{ text: true, tools: true, structured: true, streaming: true },
  });
});
