import { isJsonObject, type Json, type JsonObject } from '../../protocol/json.ts';
import type { AgentRole, CallCommand, CallRequest, GroupOpenCommand } from '../../protocol/sandbox-wire.ts';
import { knownSchema } from './known-schema.ts';

/** One place of a script that asks agents, with an example of what it asks. */
export interface AskedSite {
  /** Null where it is in a script that this one called, or not known. */
  line: number | null;
  role: AgentRole;
  /** The first prompt from there, at most 8,000 characters of it. */
  prompt: string;
  schema: JsonObject | null;
  isolated: boolean;
  agentType: string | undefined;
  /** Agents that were asked from there beside one another in one group, at most. */
  beside: number;
}

const KEPT_OF_A_PROMPT = 8_000;
/** A script can name any number of phases; no honest one has so many places that ask. */
const MOST_SITES = 500;

/**
 * Where a call is asked, and for what: many scripts ask all of their agents through one function of their own, so the line alone
 * does not tell one question from another.
 */
export function siteOf({ at, request, phase }: CallCommand): string {
  const schema = request.kind === 'agent' ? request.options.schema : undefined;
  const wanted = schema ? knownSchema(schema).properties : '';
  const type = request.kind === 'agent' ? (request.options.agentType ?? '') : '';
  return `${request.kind} ${at?.script ?? ''}:${at?.line ?? 0}:${at?.column ?? 0} ${phase ?? ''} ${type} ${wanted}`;
}

/** The places that were asked from in a dry run. */
export class AskedSites {
  readonly #sites = new Map<string, AskedSite>();
  readonly #beside = new Map<string, number>();

  note(
    command: CallCommand & { request: Extract<CallRequest, { kind: 'agent' }> },
    group: GroupOpenCommand | undefined,
  ): void {
    const { request, at } = command;
    const key = siteOf(command);
    let site = this.#sites.get(key);
    if (!site) {
      if (this.#sites.size >= MOST_SITES) return;
      site = {
        line: at && at.script === undefined ? at.line : null,
        role: request.role,
        prompt: request.prompt.slice(0, KEPT_OF_A_PROMPT),
        schema: request.options.schema ?? null,
        isolated: request.options.isolation !== undefined,
        agentType: request.options.agentType,
        beside: 1,
      };
      this.#sites.set(key, site);
    }
    if (group?.kind !== 'parallel' && group?.kind !== 'pipeline') return;
    const beside = (this.#beside.get(`${group.id} ${key}`) ?? 0) + 1;
    this.#beside.set(`${group.id} ${key}`, beside);
    site.beside = Math.max(site.beside, beside);
  }

  get all(): AskedSite[] {
    return [...this.#sites.values()];
  }
}

/** The names of all properties that a schema has, however deep. */
export function propertyNames(schema: Json | undefined, depth = 0): string[] {
  if (depth > 12 || typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap((part) => propertyNames(part, depth + 1));
  const own = isJsonObject(schema.properties) ? Object.keys(schema.properties) : [];
  return [...own, ...Object.values(schema).flatMap((part) => propertyNames(part, depth + 1))];
}
