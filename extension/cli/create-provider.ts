import type { Provider } from '../models/provider.ts';
import { createProvider as create } from '../models/providers.ts';

/** @param dry It is only asked for its models and prices, so that it needs no key. */
export function createProvider(id: string, dist: string, dry: boolean): Promise<Provider> {
  return create(id, { dist, environment: process.env, dry });
}
