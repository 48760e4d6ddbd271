import type * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import type { Usage } from '../protocol/run-events.ts';
import { ALIASES } from './aliases.ts';
import { costUsd } from './prices.ts';
import {
  type CompletionWatch,
  ModelError,
  type ModelErrorDetails,
  type ModelMessage,
  type ModelReply,
  type ModelRequest,
  type Provider,
} from './provider.ts';
import { SilenceWatch } from './silence-watch.ts';
import { toEditorError } from './vscode-errors.ts';
import { EDITOR_PROVIDER, type EditorApi, EditorReply, toMessages, toOptions } from './vscode-wire.ts';

/** A model of this machine says nothing while it reads a long prompt, and a person may take their time to consent. */
const SILENCE_MS = 600_000;
/** Where a model does not count: of text in English and code, a little more than it is. */
const CHARACTERS_PER_TOKEN = 3.5;

/** A model that VS Code has of its own or of another extension, as people choose it. */
export interface EditorModel {
  /** `vendor:id`: an id alone need not be the only one. */
  name: string;
  title: string;
  vendor: string;
  family: string;
  maxInputTokens: number;
}

/** What VS Code has now. */
export async function editorModels(editor: Pick<EditorApi, 'lm'>): Promise<EditorModel[]> {
  return (await editor.lm.selectChatModels()).map((model) => ({
    name: nameOf(model),
    title: model.name,
    vendor: model.vendor,
    family: model.family,
    maxInputTokens: model.maxInputTokens,
  }));
}

/**
 * Models of VS Code: of Copilot, and of whatever extension brings some. VS Code asks the person once whether we may use them,
 * and only after something they did themselves. They tell no usage: tokens are counted by the model where it can, and
 * marked as estimated. No reply can be kept short, and none can be held to a schema.
 * @throws UserError where VS Code has no model.
 */
export async function createEditorProvider(editor: EditorApi): Promise<Provider> {
  const models = await editorModels(editor);
  const [first] = models;
  if (!first)
    throw new UserError(
      'bad-arguments',
      'VS Code has no language model: sign in to Copilot, or install an extension that brings models. Or choose another provider for the run.',
    );
  const counts: Counts = new WeakMap();
  return {
    id: EDITOR_PROVIDER,
    title: 'models of VS Code',
    defaultModel: first.name,
    resolveModel: (name) => resolve(name, models, first.name),
    complete: (request, watch) => complete(editor, request, watch, counts),
  };
}

function nameOf({ vendor, id }: vscode.LanguageModelChat): string {
  return `${vendor}:${id}`;
}

/** An alias is the first model that is called so, else the default: a script that names one runs here, too. */
function resolve(name: string, models: readonly EditorModel[], fallback: string): string {
  const alias = ALIASES.find((known) => known === name);
  if (alias) {
    const called = (model: EditorModel) => `${model.name} ${model.family} ${model.title}`.toLowerCase().includes(alias);
    return models.find(called)?.name ?? fallback;
  }
  const exact = models.find((model) => [model.name, model.family, model.title].includes(name));
  return exact?.name ?? models.find((model) => model.name.endsWith(`:${name}`))?.name ?? name;
}

type Counts = WeakMap<ModelMessage, Promise<number>>;

async function complete(
  editor: EditorApi,
  request: ModelRequest,
  { signal, onText }: CompletionWatch,
  counts: Counts,
): Promise<ModelReply> {
  signal.throwIfAborted();
  const silence = new SilenceWatch(SILENCE_MS, signal);
  const stop = new editor.CancellationTokenSource();
  const stopped = whenStopped(silence, stop);
  const reply = new EditorReply(editor);
  try {
    const model = await Promise.race([stopped, find(editor, request.model)]);
    const asking = model.sendRequest(toMessages(editor, request), toOptions(editor, request), stop.token);
    const parts = (await Promise.race([stopped, asking])).stream[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([stopped, parts.next()]);
      if (next.done) break;
      silence.heard();
      const text = reply.add(next.value);
      if (text !== null) onText?.(text);
    }
    const usage = await Promise.race([stopped, usageOf(request, reply, (text) => count(model, text), counts)]);
    return { content: reply.content, stopReason: reply.callsTools ? 'tool_use' : 'end_turn', usage };
  } catch (error) {
    signal.throwIfAborted();
    throw toEditorError(error, request.model, await soFar(request, reply));
  } finally {
    silence.end();
    stop.dispose();
  }
}

/** Rejects where the request is stopped, or nothing comes any more, and tells the other side, which may not care. */
function whenStopped(silence: SilenceWatch, stop: vscode.CancellationTokenSource): Promise<never> {
  const stopped = Promise.withResolvers<never>();
  silence.signal.addEventListener('abort', () => {
    stop.cancel();
    stopped.reject(new Error(`nothing came of it for ${SILENCE_MS / 60_000} minutes`));
  });
  // It may be stopped while nobody waits for it.
  stopped.promise.catch(() => undefined);
  return stopped.promise;
}

/** Of a reply that broke off: what is to be gone on from, and what it cost, by its length alone. */
async function soFar(
  request: ModelRequest,
  reply: EditorReply,
): Promise<Pick<ModelErrorDetails, 'usage' | 'partialText'>> {
  if (reply.content.length === 0) return {};
  const usage = await usageOf(request, reply, async (text) => estimate(text), new WeakMap());
  return { usage, partialText: reply.callsTools ? '' : reply.text };
}

/** Looked up each time: what VS Code has changes while a run is at work. @throws ModelError that names what there is. */
async function find(editor: EditorApi, name: string): Promise<vscode.LanguageModelChat> {
  const models = await editor.lm.selectChatModels();
  const found = models.find((model) => nameOf(model) === name);
  if (found) return found;
  const known = models.map(nameOf).join(', ') || 'none';
  throw new ModelError(`There is no model "${name}" in VS Code. It has: ${known}.`, { retryable: false, status: 404 });
}

async function usageOf(
  { system, messages, tools, model }: ModelRequest,
  reply: EditorReply,
  tokensOf: (text: string) => Promise<number>,
  counts: Counts,
): Promise<Usage> {
  // A conversation is read again with each turn; what was counted once stays as it is.
  const ofMessage = (message: ModelMessage) => {
    const known = counts.get(message) ?? tokensOf(textOf(message.content));
    counts.set(message, known);
    return known;
  };
  const [outputTokens, ...input] = await Promise.all([
    tokensOf(textOf(reply.content)),
    tokensOf(system + (tools.length > 0 ? JSON.stringify(tools) : '')),
    ...messages.map(ofMessage),
  ]);
  const inputTokens = input.reduce((sum, tokens) => sum + tokens, 0);
  const used = { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return { ...used, costUsd: costUsd(model, used), estimated: true };
}

/** All that is read of it, as text. */
function textOf(content: ModelMessage['content']): string {
  const texts = content.map((block) => {
    if (block.type === 'text') return block.text;
    if (block.type === 'tool_use') return `${block.name} ${JSON.stringify(block.input)}`;
    return block.type === 'tool_result' ? block.content : '';
  });
  return texts.join('\n');
}

/** By the model; what it cannot count is estimated. */
async function count(model: vscode.LanguageModelChat, text: string): Promise<number> {
  if (text === '') return 0;
  try {
    const counted = await model.countTokens(text);
    return Number.isFinite(counted) && counted > 0 ? counted : estimate(text);
  } catch {
    // Nothing is lost but exactness, and the figure says that it is an estimate.
    return estimate(text);
  }
}

function estimate(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
