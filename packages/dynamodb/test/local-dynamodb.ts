// dynalite in a process of its own, on the loopback interface.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

const DYNALITE = fileURLToPath(new URL('../../../node_modules/dynalite/cli.js', import.meta.url));
const START_MILLIS = 20_000;

export interface LocalDynamoDb {
  readonly config: DynamoDBClientConfig;
  readonly client: DynamoDBClient;
  stop(): void;
}

export async function startLocalDynamoDb(): Promise<LocalDynamoDb> {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [DYNALITE, '--port', String(port), '--host', '127.0.0.1', '--createTableMs', '0', '--deleteTableMs', '0'], { stdio: 'ignore' });
  const config: DynamoDBClientConfig = { endpoint: `http://127.0.0.1:${port}`, region: 'eu-central-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const client = new DynamoDBClient(config);
  const deadline = performance.now() + START_MILLIS;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      break;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
  return {
    config, client,
    stop() {
      client.destroy();
      child.kill('SIGKILL');
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
