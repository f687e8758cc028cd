// What AWS, the network or the SDK says when something fails, as an error of our catalogue.

import type { AgentRefusal } from '@aeneas/protocol';
import { CodedError } from '@aeneas/cassandra';
import { refusalOf } from '../control/refusal.ts';
import { serverError } from '../errors.ts';

interface AwsError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const WRONG = /^(?:InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|AuthFailure|IncompleteSignature)$/;
const EXPIRED = /^(?:ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/;
const MISSING = /^(?:CredentialsProviderError|TokenProviderError|ProviderError)$/;
const DENIED = /^(?:AccessDenied|AccessDeniedException|Forbidden|UnauthorizedOperation|AllAccessDisabled)$/;
const SKEWED = /^(?:RequestTimeTooSkewed|RequestInTheFuture)$/;
const NO_ANSWER = /^(?:TimeoutError|AbortError|NetworkingError)$|^E(?:CONN|NOTFOUND|HOST|NET|AI_AGAIN|PIPE|TIMEDOUT)/;
/** So much of a message of AWS is shown. */
const MAX_MESSAGE = 400;

/** Whether AWS refuses the credentials themselves. Then it may repeat what was signed, session token included: its words are not to be shown. */
export function isOfWrongCredentials({ name }: Error): boolean {
  return WRONG.test(name);
}

/** @param what was tried, as in "DynamoDB ListTables". */
export function awsProblem(error: unknown, what: string): AgentRefusal {
  if (error instanceof CodedError) return refusalOf(error);
  return refusalOf(codedProblem(error as AwsError, what));
}

function codedProblem(error: AwsError, what: string): CodedError {
  const { name, code = '', message, $metadata, $response } = error;
  const status = $metadata?.httpStatusCode;
  if (isOfWrongCredentials(error)) return serverError('AWS_CREDENTIALS_WRONG', `${what} was refused: ${name}`, {}, error);
  if (EXPIRED.test(name)) return serverError('AWS_CREDENTIALS_EXPIRED', `${what} was refused: ${name}`, {}, error);
  if (MISSING.test(name)) return serverError('AWS_CREDENTIALS_MISSING', brief(`${what}: ${message}`), {}, error);
  if (SKEWED.test(name)) return serverError('AWS_CLOCK', `${what} was refused: ${name}`, {}, error);
  if (name === 'BucketAlreadyExists') return serverError('BUCKET_TAKEN', `${what} was refused: ${name}`, {}, error);
  const region = $response?.headers?.['x-amz-bucket-region'];
  if (status === 301 || name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed' || name === 'IllegalLocationConstraintException') {
    return serverError('BUCKET_ELSEWHERE', `${what} was refused: the bucket is in ${region ?? 'another Region'}`, {}, error);
  }
  if (name === 'NoSuchBucket' || name === 'NotFound') return serverError('BUCKET_MISSING', `${what}: there is no such bucket`, {}, error);
  if (NO_ANSWER.test(name) || NO_ANSWER.test(code)) return serverError('AWS_UNREACHABLE', `${what}: no answer (${code === '' ? name : code})`, {}, error);
  if (DENIED.test(name) || status === 403) return serverError('AWS_ACCESS_DENIED', brief(`${what} is not allowed${message.startsWith('Unknown') ? '' : `: ${message}`}`), {}, error);
  return serverError('AWS_REFUSED', brief(`${what}: ${name}: ${message}`), {}, error);
}

function brief(text: string): string {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)} ...` : text;
}
