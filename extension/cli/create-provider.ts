import type { Provider } from '../models/provider.ts';
import { createProvider as create } from '../models/providers.ts';

/**
 * @param dry It is only asked for its models and prices, so that it needs no key.
 * @param model As in `ProviderSetup`.
 */
export function createProvider(id: string, dist: string, dry: boolean, model?: string): Promise<Provider> {
  return create(id, { dist, environment: process.env, dry, model });
}
