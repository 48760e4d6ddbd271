import * as vscode from 'vscode';
import type { Whence } from '../models/client.ts';
import type { Provider } from '../models/provider.ts';
import { EDITOR_PROVIDER } from '../models/vscode-wire.ts';
import type { AnthropicKey } from './anthropic-key.ts';
import type { ModelServer } from './model-server.ts';

/** Where providers get what they need. */
export interface ModelAccess {
  key: AnthropicKey;
  server: ModelServer;
  /** The folder with what the built-in analyst loads. */
  dist: string;
}

/** Where a person of VS Code gives what a provider goes by; the address of a gateway to Anthropic stands in the environment alone. */
const OF_ANTHROPIC: Whence = {
  key: 'the key with “Counterpoint: Set Anthropic API Key…”',
  address: 'ANTHROPIC_BASE_URL',
  model: 'when you choose who answers',
};
const OF_SERVER: Whence = {
  key: 'its key with “Counterpoint: Set Model Server…”',
  address: 'its address with “Counterpoint: Set Model Server…”',
  model: OF_ANTHROPIC.model,
};

/**
 * Makes a provider with what the person has set up. Each is loaded when a run needs it: most windows never start one.
 * @param model As in `ProviderSetup`.
 * @throws UserError that says how to set it up.
 */
export async function createProvider(
  id: string,
  { key, server, dist }: ModelAccess,
  model: string | undefined,
): Promise<Provider> {
  if (id === EDITOR_PROVIDER) {
    const { createEditorProvider } = await import('../models/vscode.ts');
    return createEditorProvider(vscode);
  }
  const { createProvider: create } = await import('../models/providers.ts');
  const environment = process.env;
  if (id === 'anthropic') return create(id, { dist, environment, apiKey: await key.read(), whence: OF_ANTHROPIC });
  const address = server.address();
  if (id !== 'compatible' || address === undefined) return create(id, { dist, environment, model });
  // The key and the model of the environment are meant for the server that it names.
  const own = {
    ...environment,
    ANTHROPIC_BASE_URL: address,
    ANTHROPIC_API_KEY: undefined,
    ANTHROPIC_MODEL: undefined,
  };
  return create(id, { dist, environment: own, model, apiKey: await server.key(address), whence: OF_SERVER });
}
