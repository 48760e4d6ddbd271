import type * as vscode from 'vscode';
import { isJsonObject, type Json } from '../protocol/json.ts';
import type { ContentBlock, ModelMessage, ModelRequest, ToolSpec } from './provider.ts';

/** By this name a run knows the models of VS Code. */
export const EDITOR_PROVIDER = 'vscode';

/** What of VS Code's API models are asked with; passed in, since nothing in here loads it. */
export type EditorApi = Pick<
  typeof vscode,
  | 'lm'
  | 'CancellationTokenSource'
  | 'LanguageModelChatMessage'
  | 'LanguageModelChatToolMode'
  | 'LanguageModelTextPart'
  | 'LanguageModelToolCallPart'
  | 'LanguageModelToolResultPart'
>;

/** Why it is asked for, where VS Code shows that to the person whose consent it takes. */
const JUSTIFICATION = 'The agents of the workflow that you run are answered by this model.';
const NO_IMAGES = '(There is a picture here, which this model cannot be shown.)';

/** The conversation in VS Code's terms, which know no system prompt: it is what the user says first. */
export function toMessages(editor: EditorApi, { system, messages }: ModelRequest): vscode.LanguageModelChatMessage[] {
  const first = system === '' ? [] : [editor.LanguageModelChatMessage.User(system)];
  return [...first, ...messages.map((message) => toMessage(editor, message))];
}

/** A tool that must be called is offered alone: not every model can be held to one of several. */
export function toOptions(
  editor: EditorApi,
  { tools, toolChoice }: ModelRequest,
): vscode.LanguageModelChatRequestOptions {
  const offered = toolChoice === undefined ? tools : tools.filter(({ name }) => name === toolChoice);
  const { Auto, Required } = editor.LanguageModelChatToolMode;
  return {
    justification: JUSTIFICATION,
    tools: offered.map(toTool),
    toolMode: toolChoice === undefined ? Auto : Required,
  };
}

function toTool({ name, description, inputSchema }: ToolSpec): vscode.LanguageModelChatTool {
  return { name, description, inputSchema };
}

function toMessage(editor: EditorApi, { role, content }: ModelMessage): vscode.LanguageModelChatMessage {
  const { User, Assistant } = editor.LanguageModelChatMessage;
  return role === 'user'
    ? User(content.flatMap((block) => toUserPart(editor, block)))
    : Assistant(content.flatMap((block) => toAssistantPart(editor, block)));
}

function toUserPart(
  editor: EditorApi,
  block: ContentBlock,
): (vscode.LanguageModelTextPart | vscode.LanguageModelToolResultPart)[] {
  if (block.type === 'text') return [new editor.LanguageModelTextPart(block.text)];
  if (block.type !== 'tool_result') return [];
  const { toolUseId, content, images = [], isError } = block;
  // A result cannot be marked as a failure, so that is said.
  const said = [isError ? `Error: ${content}` : content, ...images.map(() => NO_IMAGES)];
  return [
    new editor.LanguageModelToolResultPart(toolUseId, [
      new editor.LanguageModelTextPart(said.filter(Boolean).join('\n')),
    ]),
  ];
}

function toAssistantPart(
  editor: EditorApi,
  block: ContentBlock,
): (vscode.LanguageModelTextPart | vscode.LanguageModelToolCallPart)[] {
  if (block.type === 'text') return [new editor.LanguageModelTextPart(block.text)];
  if (block.type !== 'tool_use') return [];
  const input = isJsonObject(block.input) ? block.input : {};
  return [new editor.LanguageModelToolCallPart(block.id, block.name, input)];
}

/** Puts the parts of a reply together. Those of kinds that agents make nothing of, such as thinking, are left out. */
export class EditorReply {
  readonly content: ContentBlock[] = [];
  readonly #editor: EditorApi;

  constructor(editor: EditorApi) {
    this.#editor = editor;
  }

  /** Takes one part; returns the text that came with it, if any. */
  add(part: unknown): string | null {
    if (part instanceof this.#editor.LanguageModelTextPart) return this.#addText(part.value);
    if (part instanceof this.#editor.LanguageModelToolCallPart) {
      const { callId: id, name, input } = part;
      // It crossed a process as JSON.
      this.content.push({ type: 'tool_use', id, name, input: (input ?? {}) as Json });
    }
    return null;
  }

  get callsTools(): boolean {
    return this.content.some(({ type }) => type === 'tool_use');
  }

  /** All text so far. */
  get text(): string {
    return this.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  }

  #addText(text: string): string | null {
    if (text === '') return null;
    const last = this.content.at(-1);
    if (last?.type === 'text') last.text += text;
    else this.content.push({ type: 'text', text });
    return text;
  }
}
