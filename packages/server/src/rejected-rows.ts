// The rejected rows of a table, gathered from its attempts' files: each only as far as the ledger vouches for it, so that what a
// killed attempt wrote past its last checkpoint is not counted twice.

import { createReadStream, createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { writeError } from '@aeneas/agent';

const MAX_EXAMPLES = 3;

/** One kind of rejection in one table. */
export interface RejectedKind {
  readonly reason: string;
  /** The column at fault, if one is. */
  readonly column?: string | undefined;
  readonly rows: number;
  /** Keys and details of the first few. */
  readonly examples: readonly { readonly key: unknown; readonly detail: string }[];
}

interface RejectedLine {
  readonly reason: string;
  readonly column?: string;
  readonly detail: string;
  readonly key: unknown;
}

/** Joins the files into `path` (written whole or not at all) and counts by reason and column, most frequent first. */
export async function gatherRejectedRows(files: readonly { readonly path: string; readonly sizeBytes: number }[], path: string): Promise<RejectedKind[]> {
  const kinds = new Map<string, { reason: string; column: string | undefined; rows: number; examples: { key: unknown; detail: string }[] }>();
  const partial = `${path}.partial`;
  try {
    await pipeline(countedLines(files, (line) => {
      const { reason, column, detail, key } = JSON.parse(line) as RejectedLine;
      const name = `${reason} ${column ?? ''}`;
      let kind = kinds.get(name);
      if (kind === undefined) kinds.set(name, kind = { reason, column, rows: 0, examples: [] });
      kind.rows++;
      if (kind.examples.length < MAX_EXAMPLES) kind.examples.push({ key, detail });
    }), createWriteStream(partial));
    await rename(partial, path);
  } catch (error) {
    throw writeError(path, error);
  }
  return [...kinds.values()].sort((a, b) => b.rows - a.rows);
}

async function* countedLines(files: readonly { readonly path: string; readonly sizeBytes: number }[], count: (line: string) => void): AsyncIterable<string> {
  for (const { path, sizeBytes } of files) {
    if (sizeBytes === 0) continue;
    // Not by readline: for that a line also ends at the separators U+2028 and U+2029, which JSON leaves as they are.
    let rest = '';
    for await (const text of createReadStream(path, { end: sizeBytes - 1, encoding: 'utf8' })) {
      const lines = (rest + (text as string)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        count(line);
        yield `${line}\n`;
      }
    }
    if (rest !== '') {
      count(rest);
      yield `${rest}\n`;
    }
  }
}
