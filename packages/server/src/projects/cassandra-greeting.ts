// The first words with what listens at an address: OPTIONS of the native protocol, which nobody needs to log in for. Its answer tells within
// seconds what the driver's many attempts would take long to find out, and often tell wrongly.

import type { Socket } from 'node:net';
import { serverError } from '../errors.ts';

export const CONNECT_MILLIS = 5_000;
/** Version 3, no flags, stream 0, opcode 5, no body. Source: native_protocol_v3.spec, 2 and 4.1.3. */
const OPTIONS = Buffer.from([3, 0, 0, 0, 5, 0, 0, 0, 0]);
const HEADER_BYTES = 9;
const ERROR_OPCODE = 0;
const PROTOCOL_ERROR = 0x0a;
/** The first byte of an answer: 0x80 and the version, 1 to 6 and DSE's 0x41 and 0x42. */
const ANSWER_VERSIONS = /^(?:8[1-6]|c[12])$/;
const MAX_ANSWER_BYTES = 4096;

/** How far it came. */
export interface Greeting {
  /** The connection stood, and OPTIONS was sent. */
  readonly isConnected: boolean;
  readonly answer: Buffer;
  /** Undefined when there was nobody who spoke, and nothing that failed, within CONNECT_MILLIS; an error without a code when the other side closed. */
  readonly error?: NodeJS.ErrnoException;
}

/** Sends OPTIONS as soon as the connection stands (`event`), and waits for the answer. Never throws. */
export function greet(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Greeting> {
  const { promise, resolve } = Promise.withResolvers<Greeting>();
  let isConnected = false;
  let answer = Buffer.alloc(0);
  const end = (error?: NodeJS.ErrnoException): void => {
    resolve({ isConnected, answer, ...(error === undefined ? {} : { error }) });
    socket.destroy();
  };
  const timer = setTimeout(end, CONNECT_MILLIS);
  socket.once('error', end);
  socket.once('close', () => end(new Error('the other side closed the connection')));
  socket.once(event, () => {
    isConnected = true;
    socket.write(OPTIONS);
  });
  socket.on('data', (piece: Buffer) => {
    answer = Buffer.concat([answer, piece]);
    if (!isAnswer(answer) || answer.length >= Math.min(MAX_ANSWER_BYTES, frameBytes(answer))) end();
  });
  return promise.finally(() => clearTimeout(timer));
}

const isAnswer = (bytes: Buffer): boolean => ANSWER_VERSIONS.test(bytes.toString('hex', 0, 1));

const versionOf = (answer: Buffer): number => answer[0]! & 0x7f;

/** Of versions 1 and 2, whose header is shorter, nothing is looked at but that they are. */
function frameBytes(answer: Buffer): number {
  if (versionOf(answer) < 3) return 1;
  return answer.length < HEADER_BYTES ? HEADER_BYTES : HEADER_BYTES + answer.readUInt32BE(HEADER_BYTES - 4);
}

/** Throws CONNECTION_TIMED_OUT, SOURCE_NOT_CASSANDRA, SOURCE_PROTOCOL_REFUSED. `place` is address and port. */
export function expectCassandra({ answer, error }: Greeting, place: string): void {
  if (answer.length === 0) {
    if (error === undefined) throw serverError('CONNECTION_TIMED_OUT', `${place} accepts connections, but says nothing in Cassandra's native protocol within ${CONNECT_MILLIS / 1000} s`);
    throw serverError('SOURCE_NOT_CASSANDRA', `No conversation with ${place}: ${error.code ?? error.message}`, {}, error);
  }
  if (!isAnswer(answer)) throw serverError('SOURCE_NOT_CASSANDRA', `${place} answers, but not in Cassandra's native protocol`);
  if (versionOf(answer) < 3) throw serverError('SOURCE_PROTOCOL_REFUSED', `${place} answers in version ${versionOf(answer)} of the native protocol`);
  if (answer.length >= HEADER_BYTES + 6 && answer[4] === ERROR_OPCODE && answer.readInt32BE(HEADER_BYTES) === PROTOCOL_ERROR) {
    const textAt = HEADER_BYTES + 6;
    throw serverError('SOURCE_PROTOCOL_REFUSED', `${place}: ${answer.toString('utf8', textAt, textAt + answer.readUInt16BE(HEADER_BYTES + 4))}`);
  }
}
