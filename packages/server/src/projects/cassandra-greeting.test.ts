// What listens at the address of a source need not be a Cassandra, nor one that may be spoken with. The answers are those of real programs.

import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { CassandraSource } from '@aeneas/protocol';
import { testCassandra } from './cassandra-connection.ts';

/** Cassandra 5.0.2 with native_transport_allow_older_protocols: false, asked in version 3. */
const NEWER_ONLY = Buffer.from([0x85, 0, 0, 0, 0, 0, 0, 0, 0x2d, 0, 0, 0, 0x0a, 0, 0x27, ...Buffer.from('Rejecting Protocol Version 3/v3 < 5/v5.')]);

/** The failed step of a test of something that does `reply` to the first bytes, and how long that took. */
async function outcome(reply: (socket: Socket) => void): Promise<{ readonly failed: string; readonly said: string; readonly millis: number }> {
  const listener = createServer((socket) => socket.on('error', () => {}).once('data', () => reply(socket)));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const source: CassandraSource = { kind: 'cassandra', name: 'x', serverName: '127.0.0.1', serverPort: (listener.address() as AddressInfo).port, userName: 'u', storePassword: false };
  const startedMillis = Date.now();
  try {
    const { steps } = await testCassandra(source, { password: 'p' });
    const failed = steps.find(({ state }) => state === 'failed')!;
    return { failed: `${failed.step} ${failed.problem?.code}`, said: failed.said, millis: Date.now() - startedMillis };
  } finally {
    listener.close();
  }
}

test('a node that speaks only later versions is told so, in its own words, whatever the pieces in which they come', async () => {
  const refused = { failed: 'login SOURCE_PROTOCOL_REFUSED', said: expect.stringMatching(/: Rejecting Protocol Version 3\/v3 < 5\/v5\.$/) };
  expect(await outcome((socket) => void socket.end(NEWER_ONLY))).toMatchObject(refused);
  expect(await outcome((socket) => {
    socket.write(NEWER_ONLY.subarray(0, 5));
    setTimeout(() => socket.write(NEWER_ONLY.subarray(5, 40)), 20);
    setTimeout(() => socket.write(NEWER_ONLY.subarray(40)), 40);
  })).toMatchObject(refused);
});

test('a node that is too old is told so', async () => {
  // Version 2, an error of 0 bytes.
  expect(await outcome((socket) => void socket.write(Buffer.from([0x82, 0, 0, 0, 0, 0, 0, 0])))).toMatchObject({ failed: 'login SOURCE_PROTOCOL_REFUSED', said: expect.stringContaining('version 2') });
});

test('another program is no Cassandra, and nobody waits for it', async () => {
  for (const reply of ['SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n', '']) {
    const { failed, millis } = await outcome((socket) => void socket.end(reply));
    expect([reply, failed]).toEqual([reply, 'login SOURCE_NOT_CASSANDRA']);
    expect(millis).toBeLessThan(4_000);
  }
});
