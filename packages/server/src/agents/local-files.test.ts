// What an agent leaves on its disk while files wait for their upload, and after it: a real agent, and an S3 that answers when it is told to.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localFiles, TableCatalogue } from '@aeneas/cassandra';
import type { AgentOutput, JobAttempt, WireJob } from '@aeneas/protocol';
import { AgentProcess, runCommand, settingsIn, writePrivately } from '../../../../fixtures/agent-process.ts';
import { unpackedDemo } from '../../../../fixtures/unpack.ts';
import { RemoteAgent } from './remote-agent.ts';

const SERVER = 'server-1';
const NOW = 1_795_380_787;
const servicePassword = 'planted-service-password-5512';
/** In each line of a data file. */
const PLANTED = '"Item"';
type Event = AgentOutput<'pollJob'>['events'][number]['event'];

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-local-files-')));
const output = join(folder, 'agent/out');
let data: string;
let settings: string;
let agent: AgentProcess;
let client: RemoteAgent;
let s3: Server;
/** Uploads by name, as far as S3 has them. */
const uploads = new Map<string, Buffer>();
let isHeld = false;
const held: ServerResponse[] = [];

beforeAll(async () => {
  data = await unpackedDemo();
  s3 = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece)).on('end', () => {
      uploads.set(decodeURIComponent(request.url!.split('?')[0]!.replace('/bucket/p/', '')), Buffer.concat(pieces));
      if (isHeld) held.push(response);
      else response.writeHead(200, { etag: '"x"' }).end();
    });
  });
  await new Promise<void>((resolve) => {
    s3.listen(0, '127.0.0.1', resolve);
  });
  mkdirSync(join(folder, 'agent'));
  settings = settingsIn(join(folder, 'agent'), { dataDirectories: [data], workers: 1, outputDirectory: output, security: { mode: 'password' } });
  await runCommand(['agent', 'password', settings, '--password-file', writePrivately(join(folder, 'service-password'), servicePassword)]);
  await startAgent();
}, 60_000);
afterAll(async () => {
  await client?.close();
  if (agent?.isOver === false) await agent.end('SIGKILL');
  s3.closeAllConnections();
  s3.close();
  rmSync(folder, { recursive: true });
});

async function startAgent(): Promise<void> {
  agent = await AgentProcess.start(settings);
  client = new RemoteAgent({ host: '127.0.0.1', port: agent.port }, { kind: 'password', password: servicePassword, fingerprint: agent.fingerprint });
  await client.register(SERVER);
}

/** Of a table that has rows to be rejected. */
async function extractJob(staging: object): Promise<Extract<WireJob, { kind: 'extract' }>> {
  const catalogue = await TableCatalogue.open({ files: localFiles, directories: [data] });
  const table = await catalogue.load({ keyspace: 'shop', name: 'customers' });
  return {
    kind: 'extract', range: {}, source: { table: table.table as never, dataFiles: [...table.dataFiles], nowSeconds: NOW, mapping: { rules: [] } },
    destination: {
      kind: 'files', compression: 'gzip', fileBytes: 50_000,
      staging: { kind: 's3', bucket: 'bucket', prefix: 'p', region: 'us-east-1', endpoint: `http://127.0.0.1:${(s3.address() as AddressInfo).port}`, ...staging },
    },
  };
}

/** Runs a job to its end; what it told. */
async function run(attempt: JobAttempt, job: WireJob, onEvent: (event: Event) => Promise<void> = async () => {}): Promise<{ readonly state: string; readonly events: Event[] }> {
  const events: Event[] = [];
  await client.startJob({ attempt, leaseSeconds: 60, job });
  for (let after = 0; ;) {
    const answer = await client.pollJob({ attempt, after, waitSeconds: 5 });
    for (const { number, event } of answer.events) {
      after = number;
      events.push(event);
      await onEvent(event);
    }
    if (answer.state !== 'running' && answer.state !== 'waiting') return { state: answer.state, events };
  }
}

const attemptOf = (jobId: string): JobAttempt => ({ serverId: SERVER, taskId: 'task-1', jobId, epoch: 1 });
const filesBelow = (path: string): string[] => readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1)).sort();

/** Files that show a text, as they are or unpacked, as far as they go. */
function filesWith(text: string): string[] {
  return filesBelow(output).filter((name) => {
    const bytes = readFileSync(join(output, name));
    return bytes.includes(text) || unpacked(bytes).includes(text);
  });
}

function unpacked(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { finishFlush: 2 });
  } catch {
    return Buffer.alloc(0);
  }
}

/** Has S3 answer again once a file waits in the spool; the files that show data until then. */
async function lookWhileUploading(): Promise<string[]> {
  while (held.length === 0) await sleep(10);
  expect(filesBelow(join(output, 'spool')).length).toBeGreaterThan(0);
  const found = filesWith(PLANTED);
  isHeld = false;
  for (const response of held.splice(0)) response.writeHead(200, { etag: '"x"' }).end();
  return found;
}

test('without encryption the test sees what there is to be seen; uploaded files go', async () => {
  isHeld = true;
  const [{ state }, found] = await Promise.all([run(attemptOf('plain'), await extractJob({})), lookWhileUploading()]);
  expect(state).toBe('done');
  expect(found.some((name) => name.startsWith('spool/'))).toBe(true);
  expect(filesBelow(join(output, 'spool'))).toEqual([]);
});

test('with encryption nothing on the disk shows data, before the upload and after it; S3 and the server get it as it is', async () => {
  isHeld = true;
  let rejected = '';
  let read = 0;
  const [{ state, events }, found] = await Promise.all([
    run(attemptOf('encrypted'), await extractJob({ isEncrypted: true }), async (event) => {
      if (event.type !== 'segment' || event.segment.rejectedFile === undefined) return;
      while (read < event.segment.rejectedBytes) {
        const { text, nextOffset } = await client.rejectedRows({ file: event.segment.rejectedFile, offset: read, maxBytes: 1000 });
        rejected += text;
        read = nextOffset;
      }
    }),
    lookWhileUploading(),
  ]);
  expect([state, found, filesBelow(join(output, 'spool'))]).toEqual(['done', [], []]);
  const names = events.flatMap((event) => (event.type === 'segment' && event.segment.file !== undefined ? [event.segment.file.name] : []));
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) expect(unpacked(uploads.get(name)!).toString()).toMatch(/^\{"Item":/);
  const reasons = rejected.trimEnd().split('\n').map((line) => (JSON.parse(line) as { reason: string }).reason);
  expect(reasons.length).toBe(events.reduce((sum, event) => sum + (event.type === 'segment' ? event.segment.rejected : 0), 0));
  expect(reasons.length).toBeGreaterThan(0);
  // The attempt without encryption shows them.
  for (const reason of reasons) expect(filesWith(reason)).toEqual(['rejected/server-1/task-1/shop.customers-plain-1.jsonl']);
});

test('files that are kept lie where nothing reads them, and outlive the agent; encrypted rejected rows do not', async () => {
  const { state, events } = await run(attemptOf('kept'), await extractJob({ keepsLocalFiles: true }));
  expect(state).toBe('done');
  const names = events.flatMap((event) => (event.type === 'segment' && event.segment.file !== undefined ? [event.segment.file.name] : []));
  const kept = join(output, 'extracted', SERVER, 'task-1');
  expect(filesBelow(kept)).toEqual(names.toSorted());
  for (const name of names) expect(unpacked(readFileSync(join(kept, name))).toString()).toMatch(/^\{"Item":/);
  expect(filesBelow(join(output, 'rejected')).filter((name) => name.endsWith('.aes')).length).toBe(1);

  await client.close();
  await agent.end('SIGKILL');
  await startAgent();
  expect(filesBelow(kept)).toEqual(names.toSorted());
  expect(filesBelow(join(output, 'rejected')).filter((name) => name.endsWith('.aes'))).toEqual([]);
  // The next attempt has names of its own.
  const again = await run({ ...attemptOf('kept'), epoch: 2 }, await extractJob({ keepsLocalFiles: true }));
  expect(again.state).toBe('done');
  expect(filesBelow(kept).length).toBe(2 * names.length);
});

test('what an agent had not uploaded when it was killed is gone after its next start, encrypted or not', async () => {
  isHeld = true;
  const attempt = attemptOf('killed');
  await client.startJob({ attempt, leaseSeconds: 60, job: await extractJob({ isEncrypted: true }) });
  await client.pollJob({ attempt, after: 0, waitSeconds: 0 });
  while (held.length === 0) await sleep(10);
  expect(filesBelow(join(output, 'spool')).length).toBeGreaterThan(0);
  await client.close();
  await agent.end('SIGKILL');
  expect(filesWith(PLANTED).filter((name) => !name.startsWith('extracted/'))).toEqual([]);
  await startAgent();
  expect(filesBelow(join(output, 'spool'))).toEqual([]);
});
