import { readFile } from 'node:fs/promises';
import { END, PENDING } from '@aeneas/cassandra';
import { DEFAULT_MAPPING, ItemCursor, ItemEncoder, OutputBuffer, parseMapping, planTable, REJECTED } from '@aeneas/dynamodb';
import type { Mapping } from '@aeneas/dynamodb';
import { cliError } from '../errors.ts';
import { DONE, FINISHED_WITH_FINDINGS } from '../exit.ts';
import { Output } from '../output.ts';
import { nowOf, openTable } from '../table-input.ts';
import type { TableFlags } from '../table-input.ts';

/** Bytes that are written at a time. */
const PIECE_BYTES = 256 * 1024;

export interface ItemsFlags extends TableFlags {
  readonly mapping?: string;
  readonly profile?: 'native' | 'dms';
}

/** `aeneas items`: items on standard output, rejected rows on standard error. Resolves to the exit code. */
export async function items(paths: readonly string[], flags: ItemsFlags): Promise<number> {
  const { rules } = await readMapping(flags.mapping);
  const mapping: Mapping = { rules: flags.profile === undefined ? rules : [{ table: '*.*', profile: flags.profile }, ...rules] };
  const reader = await openTable(paths, flags);
  const out = new OutputBuffer();
  const encoder = new ItemEncoder(planTable(reader.table, mapping), out, { asLines: true });
  const cursor = new ItemCursor(await reader.liveRows({ nowSeconds: nowOf(flags) }), encoder);
  try {
    await writeItems(cursor, out);
  } finally {
    await cursor.close();
  }
  return encoder.counts.rejected === 0 ? DONE : FINISHED_WITH_FINDINGS;
}

async function writeItems(cursor: ItemCursor, out: OutputBuffer): Promise<void> {
  const output = new Output();
  const flush = async (): Promise<void> => {
    await output.write(out.bytes.subarray(0, out.length));
    out.length = 0;
  };
  for (;;) {
    switch (cursor.advance()) {
      case PENDING:
        await cursor.fill();
        break;
      case REJECTED:
        process.stderr.write(`${cursor.rejectedLine()}\n`);
        break;
      case END:
        await flush();
        return;
      default:
        if (out.length >= PIECE_BYTES) await flush();
    }
  }
}

async function readMapping(path: string | undefined): Promise<Mapping> {
  if (path === undefined) return DEFAULT_MAPPING;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw cliError('USAGE', `the mapping file cannot be read: ${(error as Error).message}`);
  });
  return parseMapping(text, path);
}
