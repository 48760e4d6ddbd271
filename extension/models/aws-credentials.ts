import { createCredentialChain, fromEnv, fromNodeProviderChain } from '@aws-sdk/credential-providers';

/** Gives AWS credentials; rejects where there are none. */
export type AwsCredentials = ReturnType<typeof createCredentialChain>;

/**
 * Credentials from where AWS's own tools take them: environment, profile, SSO, the role of the machine. What came of it
 * is kept until it expires. Anthropic's client would make such a chain for each request, and so log in for each;
 * in the built product it would find none, since esbuild gives an `import()` of a CommonJS package no names.
 */
export function awsCredentials(): AwsCredentials {
  // Node's chain leaves the environment out where a profile is set; AWS's command line lets it win.
  return createCredentialChain(fromEnv(), fromNodeProviderChain());
}
