// Which SSTables in a directory are not live: a compaction or flush that was under way, or had just ended, when the files were
// copied leaves a transaction log beside them. Reading what it calls temporary would bring deleted rows back.
//
//   name   := <version>_txn_<operation>_<uuid>.log
//   log    := record* final?
//   record := (ADD | REMOVE):[<path of the SSTable's files up to the component>,<mtime in ms>,<number of files>][<CRC32>]
//   final  := (COMMIT | ABORT):[<path: empty>,<ms>,0][<CRC32>]
//
// With a valid COMMIT at the end the REMOVEd files are void; otherwise the transaction counts as aborted and the ADDed ones are.
// Paths are those of the node, so a copy goes by the file names alone. For the same reason the modification times, by which a node
// protects restored files from an old log, are not compared: copies rarely keep them.
// Source: LogRecord, LogFile, LogAwareFileLister of Cassandra 3.0.0 to 3.11.19.

import { crc32 } from 'node:zlib';
import { readWhole } from '../bytes/byte-source.ts';
import type { FileSystem } from '../bytes/byte-source.ts';
import { cassandraError } from '../errors.ts';

const LOG_NAME = /^.{2}_txn_.*_.*\.log$/;
const RECORD = /^(add|remove|commit|abort):\[([^,]*),?([^,]*),?([^,]*)\]\[(\d*)\]$/i;
/** A record is some 150 bytes; the largest compactions name thousands of SSTables. */
const MAX_LOG_BYTES = 64 << 20;

export interface TransactionLog {
  readonly isCommitted: boolean;
  readonly added: readonly LoggedSSTable[];
  readonly removed: readonly LoggedSSTable[];
}

export interface LoggedSSTable {
  /** What the names of its files begin with, the last hyphen included: `mc-5-big-`. */
  readonly prefix: string;
  /** The directory that it was in. */
  readonly directory: string;
}

interface LogRecord {
  readonly kind: 'ADD' | 'REMOVE' | 'COMMIT' | 'ABORT';
  readonly path: string;
}

export function isTransactionLog(name: string): boolean {
  return LOG_NAME.test(name);
}

/** Throws SSTABLE_CORRUPT when a record other than the last is damaged: a node refuses to start on such a log. */
export async function readTransactionLog(files: FileSystem, path: string): Promise<TransactionLog> {
  const text = new TextDecoder().decode(await readWhole(files, path, MAX_LOG_BYTES));
  const lines = text.split('\n').filter((line) => line !== '');
  const records: LogRecord[] = [];
  for (const [i, line] of lines.entries()) {
    const record = parseRecord(line);
    // The last line may be cut off: the node was killed, or the copy made, while it was written.
    if (record === undefined && i === lines.length - 1) break;
    if (record === undefined) throw cassandraError('SSTABLE_CORRUPT', `Line ${i + 1} of the transaction log does not fit its checksum`, { file: path });
    if ((record.kind === 'COMMIT' || record.kind === 'ABORT') && i < lines.length - 1) {
      throw cassandraError('SSTABLE_CORRUPT', `Line ${i + 1} of the transaction log ends it, but others follow`, { file: path });
    }
    records.push(record);
  }
  const ofKind = (kind: LogRecord['kind']): LoggedSSTable[] => records.filter((record) => record.kind === kind).map((record) => loggedSSTable(record.path));
  return { isCommitted: records.at(-1)?.kind === 'COMMIT', added: ofKind('ADD'), removed: ofKind('REMOVE') };
}

function loggedSSTable(path: string): LoggedSSTable {
  const slash = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return { prefix: `${path.slice(slash + 1)}-`, directory: path.slice(0, Math.max(slash, 0)) };
}

function parseRecord(line: string): LogRecord | undefined {
  const match = RECORD.exec(line);
  if (match === null) return undefined;
  const [, name, path, time, count, checksum] = match;
  const kind = name.toUpperCase() as LogRecord['kind'];
  // Only a removal's time is part of the checksum: COMMIT, ABORT and ADD count as time 0, and the first two as no files.
  const timeMillis = kind === 'REMOVE' ? BigInt(/^\d{1,19}$/.test(time) ? time : 0) : 0n;
  const fileCount = kind === 'ADD' || kind === 'REMOVE' ? Number(count) : 0;
  if (Number(checksum) !== recordChecksum(path, kind, timeMillis, fileCount)) return undefined;
  return { kind, path };
}

function recordChecksum(path: string, kind: string, timeMillis: bigint, fileCount: number): number {
  const name = new TextEncoder().encode(path + kind);
  const numbers = new DataView(new ArrayBuffer(12));
  numbers.setInt32(0, Number(BigInt.asIntN(32, timeMillis)));
  numbers.setInt32(4, Number(BigInt.asIntN(32, timeMillis >> 32n)));
  numbers.setInt32(8, fileCount);
  return crc32(new Uint8Array(numbers.buffer), crc32(name));
}
