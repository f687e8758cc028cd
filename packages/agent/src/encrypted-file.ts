// Local files that nobody can read without a key that is only in memory: records of AES-256-GCM, in order.
//
//   record: word (top bit: the last one; else the length of the plain text), nonce (12), cipher text, tag (16)
//
// Word and number of the record are authenticated with it: records cannot be left out, exchanged, or cut off at the end where a last one
// is due. Files that are only ever appended to have none that is the last.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { agentError, writeError } from './errors.ts';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const WORD_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = WORD_BYTES + NONCE_BYTES;
const LAST = 0x8000_0000;
/** Longer ones are written as several. */
const MAX_RECORD_BYTES = 1024 * 1024;
const NOWHERE = new Uint8Array(0);

/** Dies with the process that made it. */
export function newFileKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/** Nonce, cipher text and tag of a single value; `place` is authenticated with it. */
export function encryptedValue(key: Uint8Array, plain: Uint8Array, place: Uint8Array = NOWHERE): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(place);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when it is not what was encrypted. */
export function decryptedValue(key: Uint8Array, bytes: Uint8Array, place: Uint8Array = NOWHERE): Buffer {
  const end = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(place).setAuthTag(bytes.subarray(end));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]);
}

/** Encrypts what is written, from the beginning of a file to its end. */
export class EncryptedWriter {
  readonly #key: Uint8Array;
  #count = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** The records of what comes next in the file. */
  add(plain: Uint8Array): Buffer {
    const records: Buffer[] = [];
    for (let at = 0; at < plain.length; at += MAX_RECORD_BYTES) records.push(this.#record(plain.subarray(at, at + MAX_RECORD_BYTES), false));
    return Buffer.concat(records);
  }

  /** The record that ends the file. */
  end(): Buffer {
    return this.#record(new Uint8Array(0), true);
  }

  #record(plain: Uint8Array, isLast: boolean): Buffer {
    const word = isLast ? LAST : plain.length;
    const head = Buffer.alloc(WORD_BYTES);
    head.writeUInt32BE(word);
    return Buffer.concat([head, encryptedValue(this.#key, plain, placeOf(word, this.#count++))]);
  }
}

/** As a stage of a stream. */
export function encrypting(key: Uint8Array): Transform {
  const writer = new EncryptedWriter(key);
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, writer.add(chunk)),
    flush: (done) => done(null, writer.end()),
  });
}

/** The plain text of a whole file, in pieces. Throws LOCAL_FILE_DAMAGED, FILE_UNWRITABLE. */
export async function* decrypted(path: string, key: Uint8Array): AsyncGenerator<Buffer> {
  const file = await opened(path);
  try {
    for await (const record of recordsOf(file, path)) {
      if (record.isLast) {
        await plainOf(record, key, path, file);
        return;
      }
      yield await plainOf(record, key, path, file);
    }
    throw damaged(path, 'it ends too early');
  } finally {
    await file.close();
  }
}

/** At most `length` bytes of plain text from `offset` on, as far as records are complete. Throws LOCAL_FILE_DAMAGED. */
export async function decryptedPart(path: string, key: Uint8Array, offset: number, length: number): Promise<Buffer> {
  const file = await opened(path);
  const pieces: Buffer[] = [];
  try {
    for await (const record of recordsOf(file, path)) {
      if (record.isLast || record.start >= offset + length) break;
      if (record.start + record.length <= offset) continue;
      pieces.push((await plainOf(record, key, path, file)).subarray(Math.max(0, offset - record.start), offset + length - record.start));
    }
  } finally {
    await file.close();
  }
  return Buffer.concat(pieces);
}

interface Record {
  readonly number: number;
  readonly isLast: boolean;
  /** Of its plain text within that of the file. */
  readonly start: number;
  readonly length: number;
  /** Of its nonce in the file. */
  readonly position: number;
}

/** The records that are there as a whole. */
async function* recordsOf(file: FileHandle, path: string): AsyncGenerator<Record> {
  const { size } = await file.stat();
  const head = Buffer.alloc(WORD_BYTES);
  for (let position = 0, start = 0, number = 0; position + HEAD_BYTES + TAG_BYTES <= size; number++) {
    await file.read(head, 0, WORD_BYTES, position);
    const word = head.readUInt32BE();
    const isLast = word === LAST;
    const length = isLast ? 0 : word;
    if (length > MAX_RECORD_BYTES) throw damaged(path, `record ${number} has no sensible length`);
    const end = position + HEAD_BYTES + length + TAG_BYTES;
    if (end > size) return;
    yield { number, isLast, start, length, position: position + WORD_BYTES };
    position = end;
    start += length;
  }
}

async function plainOf({ number, isLast, length, position }: Record, key: Uint8Array, path: string, file: FileHandle): Promise<Buffer> {
  const bytes = Buffer.alloc(NONCE_BYTES + length + TAG_BYTES);
  await file.read(bytes, 0, bytes.length, position);
  try {
    return decryptedValue(key, bytes, placeOf(isLast ? LAST : length, number));
  } catch (error) {
    throw damaged(path, `record ${number} is not what was written`, error);
  }
}

function placeOf(word: number, number: number): Buffer {
  const place = Buffer.alloc(2 * WORD_BYTES);
  place.writeUInt32BE(word);
  place.writeUInt32BE(number, WORD_BYTES);
  return place;
}

async function opened(path: string): Promise<FileHandle> {
  return open(path).catch((error: unknown) => {
    throw writeError(path, error);
  });
}

function damaged(path: string, why: string, cause?: unknown): Error {
  return agentError('LOCAL_FILE_DAMAGED', `An encrypted file cannot be read back: ${why}`, { file: path }, cause);
}
