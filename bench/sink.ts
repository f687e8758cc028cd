// A DynamoDB that acknowledges every write at once and keeps nothing, as a process of its own: what is measured against it is the loader.

import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

const tables = new Map<string, Record<string, unknown>>();
let writtenBytes = 0;

const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    const { status, answer } = reply(String(request.headers['x-amz-target']).split('.').at(-1)!, body);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
  });
});
server.listen(0, '127.0.0.1', () => process.send!({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
process.on('message', () => process.send!({ writtenBytes }));
process.on('disconnect', () => process.exit(0));

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function reply(operation: string, body: Buffer): { status: number; answer: unknown } {
  if (operation === 'BatchWriteItem') {
    writtenBytes += body.length;
    return { status: 200, answer: { UnprocessedItems: {} } };
  }
  const input = JSON.parse(body.toString()) as { TableName: string };
  if (operation === 'CreateTable') tables.set(input.TableName, { ...input, TableStatus: 'ACTIVE', ItemCount: 0 });
  const table = tables.get(input.TableName);
  if (table === undefined) return { status: 400, answer: { __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', message: 'no such table' } };
  switch (operation) {
    case 'CreateTable': return { status: 200, answer: { TableDescription: table } };
    case 'DescribeTable': return { status: 200, answer: { Table: table } };
    case 'DescribeTimeToLive': return { status: 200, answer: { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } } };
    case 'UpdateTimeToLive': return { status: 200, answer: {} };
    case 'Scan': return { status: 200, answer: { Items: [], Count: 0, ScannedCount: 0 } };
    default: return { status: 400, answer: { __type: 'com.amazonaws.dynamodb.v20120810#ValidationException', message: `the sink has no ${operation}` } };
  }
}
