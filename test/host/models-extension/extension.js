const vscode = require('vscode');

/** A model as an extension brings one: it answers by what the prompt says, and what it was sent can be read in the answer. */
const MODEL = {
  id: 'echo',
  name: 'Echo',
  family: 'echo',
  version: '1',
  maxInputTokens: 100_000,
  maxOutputTokens: 10_000,
  capabilities: { toolCalling: true },
};

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.lm.registerLanguageModelChatProvider('counterpoint-test', {
      provideLanguageModelChatInformation: async () => [MODEL],
      provideTokenCount: async (_model, text) => (typeof text === 'string' ? text.length : 1),
      provideLanguageModelChatResponse: async (_model, messages, options, progress) =>
        answer(messages, options, progress),
    }),
  );
};

/** First it looks at the folder, then it tells what it saw; `Refuse.` it refuses. */
function answer(messages, { tools = [] }, progress) {
  const parts = messages.flatMap(({ content }) => content);
  const texts = parts.flatMap((part) => (part instanceof vscode.LanguageModelTextPart ? [part.value] : []));
  if (texts.some((text) => text.includes('Refuse.'))) throw vscode.LanguageModelError.Blocked('against the rules');
  const result = parts.findLast((part) => part instanceof vscode.LanguageModelToolResultPart);
  if (!result) {
    progress.report(new vscode.LanguageModelTextPart('Let me '));
    progress.report(new vscode.LanguageModelTextPart('look.'));
    progress.report(new vscode.LanguageModelToolCallPart('c1', 'list_directory', { path: '.' }));
    return;
  }
  const seen = result.content.map((part) => part.value ?? '').join('');
  if (tools.some(({ name }) => name === 'answer'))
    progress.report(new vscode.LanguageModelToolCallPart('c2', 'answer', { seen, rules: texts[0].length }));
  else progress.report(new vscode.LanguageModelTextPart(`I saw: ${seen}`));
}
