// IAM and STS, and what they refuse, as errors of ours.

import { clientSettings } from '@aeneas/agent';
import type { AwsAccess } from '@aeneas/protocol';
import type { IAMClient } from '@aws-sdk/client-iam';
import { serverError } from '../errors.ts';
import { isOfWrongCredentials } from '../settings/aws-problem.ts';

export interface Caller {
  readonly account: string;
  readonly arn: string;
}

/** Runs something with a client of IAM, and who it acts as. Throws AWS_CREDENTIALS, AWS_DENIED, AWS_UNREACHABLE, IAM_REFUSED. */
export async function withIam<T>(access: AwsAccess, work: (iam: IAMClient, caller: Caller) => Promise<T>): Promise<T> {
  const [{ IAMClient }, { GetCallerIdentityCommand, STSClient }] = await Promise.all([import('@aws-sdk/client-iam'), import('@aws-sdk/client-sts')]);
  const sts = new STSClient(clientSettings(access));
  const iam = new IAMClient(clientSettings(access));
  try {
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    return await work(iam, { account: Account!, arn: Arn! });
  } catch (error) {
    throw awsError(error);
  } finally {
    sts.destroy();
    iam.destroy();
  }
}

export function isAwsError(error: unknown, name: string): boolean {
  // The service says NoSuchEntity, the SDK's class for it is NoSuchEntityException.
  const said = (error as Error).name;
  return said === name || said === `${name}Exception`;
}

const CREDENTIALS = /^(?:CredentialsProviderError|InvalidClientTokenId|ExpiredToken|ExpiredTokenException|SignatureDoesNotMatch|UnrecognizedClientException|MissingAuthenticationToken|TokenProviderError)/;

function awsError(error: unknown): unknown {
  const { name, message, code, $metadata } = error as NodeJS.ErrnoException & { readonly $metadata?: { readonly httpStatusCode?: number } };
  if (CREDENTIALS.test(name)) return serverError('AWS_CREDENTIALS', `AWS does not take the credentials: ${name}${isOfWrongCredentials(error as Error) ? '' : `: ${message}`}`, {}, error);
  if (name.startsWith('AccessDenied')) return serverError('AWS_DENIED', message, {}, error);
  if ($metadata?.httpStatusCode !== undefined && !(error as { readonly remedy?: string }).remedy) return serverError('IAM_REFUSED', `${name}: ${message}`, {}, error);
  const isNetwork = code !== undefined && /^(?:E[A-Z]+|UND_ERR)/.test(code) || name === 'TimeoutError';
  return isNetwork ? serverError('AWS_UNREACHABLE', `AWS does not answer: ${message === '' ? code! : message}`, {}, error) : error;
}
