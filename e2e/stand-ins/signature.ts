// Signatures of requests (SigV4) of the test account's one key.
//   docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const ACCESS_KEY = 'AKIAAENEASTESTACCOUNT';
export const SECRET_KEY = 'planted-secret-access-key-of-the-test-account';

export interface Scope {
  readonly region: string;
  readonly service: string;
}

export class Refusal extends Error {
  readonly status: number;
  override readonly name: string;

  constructor(status: number, name: string, message: string) {
    super(message);
    this.status = status;
    this.name = name;
  }
}

/** The signature as AWS computes it: throws a Refusal for any other. */
export function verified(request: IncomingMessage, body: Buffer): Scope {
  const found = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '');
  if (found === null) throw new Refusal(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  const [, accessKey, date, region, service, signed, signature] = found as unknown as string[];
  if (accessKey !== ACCESS_KEY) throw new Refusal(403, service === 's3' ? 'InvalidAccessKeyId' : service === 'kms' ? 'UnrecognizedClientException' : 'InvalidClientTokenId', 'The security token included in the request is invalid.');
  const { pathname, searchParams } = new URL(request.url!, 'http://aws');
  const query = [...searchParams].map(([key, value]) => `${encode(key)}=${encode(value)}`).sort().join('&');
  const headers = signed!.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}\n`).join('');
  const payload = String(request.headers['x-amz-content-sha256'] ?? createHash('sha256').update(body).digest('hex'));
  const canonical = [request.method, pathname, query, headers, signed, payload].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [date!, region!, service!, 'aws4_request'].reduce<Buffer>((secret, part) => createHmac('sha256', secret).update(part).digest(), Buffer.from(`AWS4${SECRET_KEY}`));
  if (createHmac('sha256', key).update(toSign).digest('hex') !== signature) throw new Refusal(403, 'SignatureDoesNotMatch', `The request signature we calculated does not match. The Canonical String for this request should have been ${canonical}`);
  return { region: region!, service: service! };
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
