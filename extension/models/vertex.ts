import { AnthropicVertex, type ClientOptions } from '@anthropic-ai/vertex-sdk';
import { UserError } from '../protocol/errors.ts';
import { type AliasOverrides, aliasResolver } from './aliases.ts';
import { quiet, SILENCE_MS, usableAddress } from './client.ts';
import { MessagesApi, type MessagesClient } from './messages-api.ts';
import { MODELS } from './model-table.ts';
import { REGIONAL_FACTOR } from './prices.ts';
import type { Provider } from './provider.ts';

export interface VertexOptions {
  region: string | undefined;
  /** Absent: that of the credentials. */
  projectId?: string | undefined;
  baseUrl?: string | undefined;
  /** Absent: Google's application default credentials. */
  authClient?: ClientOptions['authClient'];
  defaultModel?: string | undefined;
  aliases?: AliasOverrides | undefined;
  silenceMs?: number | undefined;
}

const DEFAULT_MODEL = 'sonnet';
const OLDER_VERSION = 'vertex-2023-10-16';

const SET_UP =
  'No Google credentials: run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS';
const NO_PROJECT = 'No Google Cloud project: set ANTHROPIC_VERTEX_PROJECT_ID';

/**
 * Anthropic's models on Google Vertex AI, by Anthropic's own client. Credentials are Google's application default ones,
 * fetched with the first request.
 * @throws UserError `bad-arguments` where no region is given.
 */
export function createVertexProvider(options: VertexOptions): Provider {
  const { region, silenceMs = SILENCE_MS } = options;
  if (!region || !/^[a-z0-9-]+$/.test(region)) {
    const found = region ? `${JSON.stringify(region)} is no region of Google Cloud` : 'No region of Google Vertex AI';
    throw new UserError('bad-arguments', `${found}: set CLOUD_ML_REGION, such as global or us-east5.`);
  }
  if (options.baseUrl) usableAddress(options.baseUrl, 'ANTHROPIC_VERTEX_BASE_URL');
  const line = new VertexLine(options, region, silenceMs);
  const api = new MessagesApi({
    client: async () => line.client(),
    silenceMs,
    secrets: [],
    advice: adviceFor,
    credentials: (messages) => {
      // The client keeps what came of looking for them: with another, a person may have logged in meanwhile.
      if (/Google OAuth credentials|default credentials/i.test(messages)) return line.forget(SET_UP);
      return /No projectId/.test(messages) ? line.forget(NO_PROJECT) : null;
    },
    olderVersion: OLDER_VERSION,
    ...(region !== 'global' && { priceFactor: REGIONAL_FACTOR }),
  });
  const resolveModel = aliasResolver(options.aliases, vertexName);
  return {
    id: 'vertex',
    title: `Google Vertex AI (${region})`,
    defaultModel: resolveModel(options.defaultModel || DEFAULT_MODEL),
    resolveModel,
    complete: (request, watch) => api.complete(request, watch),
  };
}

/** The client looks for credentials as soon as it is made, so it is made when it is needed. */
class VertexLine {
  #client: MessagesClient | null = null;
  #options: VertexOptions;
  #region: string;
  #silenceMs: number;

  constructor(options: VertexOptions, region: string, silenceMs: number) {
    this.#options = options;
    this.#region = region;
    this.#silenceMs = silenceMs;
  }

  client(): MessagesClient {
    const { projectId, baseUrl, authClient } = this.#options;
    this.#client ??= new AnthropicVertex({
      region: this.#region,
      projectId: projectId ?? null,
      ...(baseUrl && { baseURL: baseUrl }),
      ...(authClient && { authClient }),
      ...quiet(this.#silenceMs),
    });
    return this.#client;
  }

  forget(why: string): string {
    this.#client = null;
    return why;
  }
}

/** Anthropic's own name of a model as Vertex has it; any other name passes as it is. */
function vertexName(name: string): string {
  const plain = name.replace(/-\d{8}$/, '');
  const model = Object.hasOwn(MODELS, plain) ? MODELS[plain] : undefined;
  return model?.released ? `${plain}@${model.released}` : name;
}

function adviceFor(status: number): string {
  if (status === 401) return 'run `gcloud auth application-default login`';
  if (status === 403) return 'check that this account may use Vertex AI in this project';
  if (status === 404) return 'check that the model is enabled in the Model Garden, its name, and CLOUD_ML_REGION';
  return '';
}
