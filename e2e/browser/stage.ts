// All that the page is about, as real processes: a server, two agents, a local S3 and a local DynamoDB behind a gate, a project over real data.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { AgentProcess, runCommand, settingsIn, writePrivately } from '../../fixtures/agent-process.ts';
import { unpackedDemo } from '../../fixtures/unpack.ts';
import { Gate } from '../gate.ts';
import { s3Client } from '../migrated-tables.ts';
import { Serving } from '../serving.ts';
import { startStandIn } from '../stand-ins.ts';

const BUCKET = 'browser-test';
const LEASE_SECONDS = '3';
export const SERVICE_PASSWORD = 'a service password of this test';
export const TABLES = ['shop.customers', 'shop.orders', 'shop.product_reviews'];

export class Stage {
  server: Serving;
  /** Before DynamoDB: shut, the tables cannot be reached. */
  readonly gate: Gate;
  readonly agents: Readonly<Record<'first' | 'second', AgentProcess>>;
  readonly scratch: string;
  readonly #data: string;
  readonly #s3: string;
  readonly #closing: (() => Promise<unknown>)[];

  private constructor(parts: Pick<Stage, 'server' | 'gate' | 'agents' | 'scratch'> & { readonly data: string; readonly s3: string; readonly closing: (() => Promise<unknown>)[] }) {
    this.server = parts.server;
    this.gate = parts.gate;
    this.agents = parts.agents;
    this.scratch = parts.scratch;
    this.#data = parts.data;
    this.#s3 = parts.s3;
    this.#closing = parts.closing;
  }

  static async open(): Promise<Stage> {
    const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-browser-')));
    const [dynamodb, s3, data] = await Promise.all([startStandIn('dynamodb'), startStandIn('s3'), unpackedDemo()]);
    const client = s3Client(s3.endpoint);
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    client.destroy();
    const passwordFile = writePrivately(join(scratch, 'service-password'), SERVICE_PASSWORD);
    const gate = await Gate.before(dynamodb.endpoint);
    const startAgent = async (name: string): Promise<AgentProcess> => {
      const settings = settingsIn(join(scratch, name), { name, dataDirectories: [data], workers: 1, security: { mode: 'password' } });
      const { exitCode, output } = await runCommand(['agent', 'password', settings, '--password-file', passwordFile]);
      if (exitCode !== 0) throw new Error(output);
      return AgentProcess.start(settings);
    };
    const [first, second, server] = await Promise.all([startAgent('first'), startAgent('second'), Serving.start(join(scratch, 'server'), ['--lease-seconds', LEASE_SECONDS])]);
    const closing = [() => first.end('SIGKILL'), () => second.end('SIGKILL'), () => gate.shut(), () => dynamodb.stop(), () => s3.stop()];
    return new Stage({ server, gate, agents: { first, second }, scratch, data, s3: s3.endpoint, closing });
  }

  /** A project file over the sample data, with tables of its own. */
  project(name: string, change: object = {}): string {
    const path = join(this.scratch, `${name}.yaml`);
    writeFileSync(path, JSON.stringify({
      source: { directories: [this.#data] }, tables: TABLES, mapping: { rules: [{ table: '*.*', name: `${name}-{keyspace}.{table}` }] }, target: { region: 'us-east-1', endpoint: this.gate.endpoint },
      staging: { s3: { bucket: BUCKET, prefix: name, endpoint: this.#s3 }, fileSizeMB: 0.2 }, splitSizeMB: 0.02, workspace: `work-${name}`, ...change,
    }));
    return path;
  }

  /** Starts the server again, where it was. */
  async serveAgain(): Promise<void> {
    this.server = await Serving.start(join(this.scratch, 'server'), ['--lease-seconds', LEASE_SECONDS, '--port', new URL(this.server.url).port]);
  }

  async close(): Promise<void> {
    await this.server.stop();
    await Promise.all(this.#closing.map((end) => end()));
    rmSync(this.scratch, { recursive: true });
  }
}
