// STS, KMS and the bucket calls of S3 in a process of its own, for one account with one key. It imports nothing of the product; each rule
// cites the page of AWS that has it. Started with a free port; tells its endpoint over the channel, and ends with it.
//
//   credentials: every request is signed (SigV4) by the key of the account, and the signature's scope names service and Region
//     docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
//   STS query protocol: docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html, CommonErrors.html
//   KMS JSON 1.1: docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html, API_Decrypt.html
//   S3: docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html, API_HeadBucket.html, API_PutPublicAccessBlock.html, ErrorResponses.html

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal, verified } from './signature.ts';
import type { Scope } from './signature.ts';

const ACCOUNT = '111122223333';
const KEY_ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const TAKEN_BUCKET = 'taken-by-another-account';

interface Bucket {
  readonly region: string;
  readonly objects: Map<string, Buffer>;
  publicAccessBlock?: string;
  encryption?: string;
}
const buckets = new Map<string, Bucket>();
const masterKey = randomBytes(32);
/** Bodies as they came, so that a test can look for what should not be there. */
const log: string[] = [];

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => answer(request, Buffer.concat(pieces), response));
});

function answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  if (request.url === '/test/buckets') return void response.end(JSON.stringify([...buckets].map(([name, { region, publicAccessBlock, encryption, objects }]) => ({ name, region, publicAccessBlock, encryption, objects: objects.size }))));
  if (request.url === '/test/log') return void response.end(log.join('\n'));
  log.push(`${request.method} ${request.url} ${body.toString('latin1')}`);
  const service = /\/([a-z0-9]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  try {
    const scope = verified(request, body);
    if (service === 'sts') return sts(body, response);
    if (service === 'kms') return kms(request, body, scope, response);
    s3(request, body, scope, response);
  } catch (error) {
    const { status, name, message } = error as Refusal;
    if (service === 'kms') response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify({ __type: name, message }));
    else if (service === 'sts') response.writeHead(status, { 'content-type': 'text/xml' }).end(`<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`);
    else response.writeHead(status, { 'content-type': 'application/xml' }).end(request.method === 'HEAD' ? undefined : `<Error><Code>${name}</Code><Message>${message}</Message></Error>`);
  }
}

function sts(body: Buffer, response: ServerResponse): void {
  if (new URLSearchParams(body.toString()).get('Action') !== 'GetCallerIdentity') throw new Refusal(400, 'InvalidAction', 'Could not find operation');
  response.writeHead(200, { 'content-type': 'text/xml' }).end(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:user/migration</Arn><UserId>AIDA</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`);
}

/** The encryption context is authenticated with what is encrypted; another one is InvalidCiphertextException (API_Decrypt). */
function kms(request: IncomingMessage, body: Buffer, { region }: Scope, response: ServerResponse): void {
  const { KeyId, Plaintext, CiphertextBlob, EncryptionContext = {} } = JSON.parse(body.toString()) as { KeyId?: string; Plaintext?: string; CiphertextBlob?: string; EncryptionContext?: Record<string, string> };
  const operation = String(request.headers['x-amz-target']);
  const arn = `arn:aws:kms:${region}:${ACCOUNT}:key/${KEY_ID}`;
  if (KeyId !== undefined && KeyId !== KEY_ID && KeyId !== arn) throw new Refusal(400, 'NotFoundException', `Key '${arn}' does not exist`);
  const context = JSON.stringify(Object.entries(EncryptionContext).sort());
  const reply = (content: object): void => void response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify({ KeyId: arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT', ...content }));
  if (operation === 'TrentService.Encrypt') {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(Buffer.from(Plaintext!, 'base64')), cipher.final()]);
    return reply({ CiphertextBlob: Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64') });
  }
  if (operation !== 'TrentService.Decrypt') throw new Refusal(400, 'UnknownOperationException', operation);
  const blob = Buffer.from(CiphertextBlob!, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', masterKey, blob.subarray(0, 12), { authTagLength: 16 }).setAAD(Buffer.from(context)).setAuthTag(blob.subarray(12, 28));
    const plain = Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
    return reply({ Plaintext: plain.toString('base64') });
  } catch {
    throw new Refusal(400, 'InvalidCiphertextException', '');
  }
}

function s3(request: IncomingMessage, body: Buffer, { region }: Scope, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url!, 'http://aws');
  const [, name = '', ...rest] = pathname.split('/');
  const key = rest.join('/');
  const { method } = request;
  const bucket = buckets.get(name);
  if (method === 'PUT' && key === '' && [...searchParams.keys()].every((one) => one === 'x-id')) {
    if (name === TAKEN_BUCKET) throw new Refusal(409, 'BucketAlreadyExists', 'The requested bucket name is not available.');
    if (bucket !== undefined) throw new Refusal(409, 'BucketAlreadyOwnedByYou', 'You own it already.');
    const asked = /<LocationConstraint>([^<]+)</.exec(body.toString())?.[1];
    // us-east-1 is no valid LocationConstraint, and elsewhere the request's own Region has to be named (API_CreateBucket, ErrorResponses).
    if (asked === 'us-east-1') throw new Refusal(400, 'InvalidLocationConstraint', 'The specified location constraint is not valid');
    if ((asked ?? 'us-east-1') !== region) throw new Refusal(400, 'IllegalLocationConstraintException', 'The location constraint is incompatible with the endpoint.');
    buckets.set(name, { region, objects: new Map() });
    response.writeHead(200, { location: `/${name}` }).end();
    return;
  }
  if (name === TAKEN_BUCKET) throw new Refusal(403, 'AccessDenied', 'Access Denied');
  if (bucket === undefined) throw new Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
  if (bucket.region !== region) {
    response.writeHead(301, { 'x-amz-bucket-region': bucket.region }).end();
    return;
  }
  if (key !== '') return object(method ?? '', bucket, key, request, body, response);
  if (method === 'HEAD') return void response.writeHead(200, { 'x-amz-bucket-region': bucket.region }).end();
  const part = searchParams.has('publicAccessBlock') ? 'publicAccessBlock' : searchParams.has('encryption') ? 'encryption' : undefined;
  if (part === undefined) throw new Refusal(501, 'NotImplemented', String(request.url));
  if (method === 'PUT') {
    bucket[part] = body.toString();
    response.end();
    return;
  }
  // A new bucket has SSE-S3 by itself (docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html); the block is set by who makes it through the API.
  const content = bucket[part] ?? (part === 'encryption' ? '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>' : undefined);
  if (content === undefined) throw new Refusal(404, 'NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found');
  response.writeHead(200, { 'content-type': 'application/xml' }).end(content);
}

function object(method: string, bucket: Bucket, key: string, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  if (method === 'PUT') {
    bucket.objects.set(key, body);
    response.writeHead(200, { etag: `"${createHash('md5').update(body).digest('hex')}"` }).end();
  } else if (method === 'GET') {
    const found = bucket.objects.get(key);
    if (found === undefined) throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
    response.writeHead(200, { 'content-length': found.length }).end(found);
  } else if (method === 'DELETE') {
    bucket.objects.delete(key);
    response.writeHead(204).end();
  } else {
    throw new Refusal(405, 'MethodNotAllowed', String(request.url));
  }
}

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.send?.({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('disconnect', () => process.exit(0));
