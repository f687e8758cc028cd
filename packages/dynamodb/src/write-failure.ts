// What an error of the AWS SDK means for the loader.

import type { CodedError } from '@aeneas/cassandra';
import { dynamodbError } from './errors.ts';

export type FailureKind = 'throttled' | 'unavailable' | 'refused' | 'fatal' | 'bug';

const THROTTLING = new Set(['ProvisionedThroughputExceededException', 'ThrottlingException', 'Throttling', 'RequestLimitExceeded', 'TooManyRequestsException',
  'LimitExceededException', 'SlowDown']);
const DENIED = new Set(['AccessDeniedException', 'UnrecognizedClientException', 'InvalidSignatureException', 'MissingAuthenticationTokenException', 'IncompleteSignatureException',
  'ExpiredTokenException', 'InvalidClientTokenId', 'CredentialsProviderError', 'NotAuthorized', 'KMSAccessDeniedException']);
const MISSING = new Set(['ResourceNotFoundException', 'TableNotFoundException']);
const INVALID = new Set(['ValidationException', 'SerializationException', 'ItemCollectionSizeLimitExceededException']);

interface ServiceError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Throttled and unavailable are worth another try; refused is about an item; fatal is for good; a bug is this program's, and must not look like a slow network. */
export function failureKind(error: unknown): FailureKind {
  if (isBug(error)) return 'bug';
  const { name = '', $metadata } = error as ServiceError;
  if (THROTTLING.has(name)) return 'throttled';
  if (INVALID.has(name)) return 'refused';
  if (DENIED.has(name) || MISSING.has(name)) return 'fatal';
  const status = $metadata?.httpStatusCode;
  if (status === 429) return 'throttled';
  if (status !== undefined && status >= 400 && status < 500) return 'fatal';
  // 5xx, timeouts, connections that were refused, reset or never made, answers that are not DynamoDB's.
  return 'unavailable';
}

/** What the language throws, but not over an answer: the SDK gives errors of reading one that answer. */
function isBug(error: unknown): boolean {
  return (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) && !('$response' in error) && !('$metadata' in error);
}

/** The coded error for something that cannot be retried, or was retried long enough. `what` says what was being done, `where` the table. */
export function targetError(error: unknown, what: string, where: string): CodedError {
  const { name = 'Error', message = '', code } = error as ServiceError;
  const said = `${name}${code === undefined ? '' : ` ${code}`}: ${message}`;
  const text = `${what} (${where}) failed: ${said}`;
  if (DENIED.has(name)) return dynamodbError('TARGET_ACCESS_DENIED', text, {}, error);
  if (MISSING.has(name)) return dynamodbError('TARGET_TABLE_MISSING', text, {}, error);
  switch (failureKind(error)) {
    case 'throttled': return dynamodbError('TARGET_THROTTLED', text, {}, error);
    case 'unavailable': return dynamodbError('TARGET_UNREACHABLE', text, {}, error);
    default: return dynamodbError('TARGET_REFUSED', text, {}, error);
  }
}
