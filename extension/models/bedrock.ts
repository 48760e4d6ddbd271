import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import { UserError } from '../protocol/errors.ts';
import { type AliasOverrides, aliasResolver } from './aliases.ts';
import type { AwsCredentials } from './aws-credentials.ts';
import { quiet, SILENCE_MS, usableAddress } from './client.ts';
import { MessagesApi, type MessagesClient } from './messages-api.ts';
import { MODELS } from './model-table.ts';
import type { Provider } from './provider.ts';

export interface BedrockOptions {
  region: string | undefined;
  /** Keys that are given; absent: those of the SDK's own chain (environment, profile, SSO, role of the machine). */
  accessKeyId?: string | undefined;
  secretAccessKey?: string | undefined;
  sessionToken?: string | undefined;
  /** A key of Bedrock itself, in place of AWS credentials. */
  bearerToken?: string | undefined;
  /** Of a gateway in front of it. */
  baseUrl?: string | undefined;
  defaultModel?: string | undefined;
  aliases?: AliasOverrides | undefined;
  silenceMs?: number | undefined;
}

const DEFAULT_MODEL = 'sonnet';
/** What the models up to 4.6 take; the SDK sends a newer one, which they refuse. */
const OLDER_VERSION = 'bedrock-2023-05-31';
const OLDER_MODELS = /claude-[a-z]+-4-[0-6](\D|$)|-v\d+(:\d+)?$/;

const SET_UP =
  'No AWS credentials: set AWS_PROFILE, log in with `aws sso login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/**
 * Anthropic's models on Amazon Bedrock, by Anthropic's own client. Credentials are taken from where AWS's tools take them,
 * with the first request, and go nowhere but into its signature.
 * @throws UserError `bad-arguments` where no region is given.
 */
export function createBedrockProvider(options: BedrockOptions): Provider {
  const { region, silenceMs = SILENCE_MS, accessKeyId, secretAccessKey, sessionToken, bearerToken } = options;
  if (!region || !/^[a-z0-9-]+$/.test(region)) {
    const found = region ? `${JSON.stringify(region)} is no region of AWS` : 'No region of Amazon Bedrock';
    throw new UserError('bad-arguments', `${found}: set AWS_REGION, such as us-east-1.`);
  }
  const baseUrl = options.baseUrl ? usableAddress(options.baseUrl, 'ANTHROPIC_BEDROCK_BASE_URL') : undefined;
  const common = {
    awsRegion: region,
    // Null, so that nothing is read of the environment that the caller has not seen.
    apiKey: bearerToken || null,
    ...(baseUrl && { baseURL: baseUrl }),
    ...quiet(silenceMs),
  };
  const client: MessagesClient =
    accessKeyId && secretAccessKey
      ? new AnthropicBedrock({
          ...common,
          awsAccessKey: accessKeyId,
          awsSecretKey: secretAccessKey,
          awsSessionToken: sessionToken ?? null,
        })
      : new AnthropicBedrock({ ...common, providerChainResolver: credentialsOnce() });
  const api = new MessagesApi({
    client: async () => client,
    silenceMs,
    secrets: [secretAccessKey ?? '', sessionToken ?? '', bearerToken ?? ''],
    advice: adviceFor,
    credentials: (messages) =>
      /AWS credentials|credential.provider|could not load credentials/i.test(messages) ? SET_UP : null,
    version: (model) => (OLDER_MODELS.test(model) ? OLDER_VERSION : undefined),
    olderVersion: OLDER_VERSION,
  });
  const resolveModel = aliasResolver(options.aliases, bedrockName);
  return {
    id: 'bedrock',
    title: `Amazon Bedrock (${region})`,
    defaultModel: resolveModel(options.defaultModel || DEFAULT_MODEL),
    resolveModel,
    complete: (request, watch) => api.complete(request, watch),
  };
}

/** The same chain for all requests, loaded with the first. */
function credentialsOnce(): () => Promise<AwsCredentials> {
  let chain: Promise<AwsCredentials> | null = null;
  return () => {
    chain ??= import('./aws-credentials.ts').then(({ awsCredentials }) => awsCredentials());
    return chain;
  };
}

/** Anthropic's own name of a model, as the profile of Bedrock that may run it anywhere; any other name passes as it is. */
function bedrockName(name: string): string {
  const plain = name.replace(/-\d{8}$/, '');
  const model = Object.hasOwn(MODELS, plain) ? MODELS[plain] : undefined;
  return model ? `global.anthropic.${plain}${model.bedrockSuffix ?? ''}` : name;
}

function adviceFor(status: number, said: string): string {
  if (status === 400 && /on-demand|inference profile|model identifier/i.test(said))
    return 'a model may need the name of its inference profile, such as global.anthropic.claude-sonnet-5-5';
  if (status === 401 || status === 403)
    return 'check the AWS credentials, and that this account has access to the model in this region';
  if (status === 404) return 'check the name of the model and AWS_REGION';
  return '';
}
