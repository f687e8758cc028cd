// The tables of the fixtures, with what the server answered for them.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unpackedFixture } from '../../fixtures/unpack.ts';
import type { Label } from '../../fixtures/unpack.ts';
import type { Neutral } from '../decoder/decode-attribute.ts';

/** A row as the server returned it (fixtures/README.md), and as `aeneas sstable dump` prints it. */
export interface NeutralRow {
  readonly v: Readonly<Record<string, Neutral>>;
  /** Microseconds by column. */
  readonly wt?: Readonly<Record<string, string>>;
  /** Seconds left by column. */
  readonly ttl?: Readonly<Record<string, number>>;
}

export interface ExpectedColumn {
  readonly name: string;
  readonly type: string;
  readonly kind: 'partition_key' | 'clustering' | 'static' | 'regular';
  readonly desc: boolean;
}

export interface ExpectedTable {
  readonly readAtMillis: number;
  readonly primaryKey: readonly string[];
  readonly columns: readonly ExpectedColumn[];
  /** What the node said instead of answering. */
  readonly readError?: string;
  readonly rows: readonly NeutralRow[];
}

export interface FixtureTable {
  readonly label: Label;
  /** The version's data directory. */
  readonly directory: string;
  readonly keyspace: string;
  readonly table: string;
  /** What the table is for: names differ from version to version, roles do not. */
  readonly role: string;
  expected(): ExpectedTable;
}

interface Manifest {
  readonly tables: readonly { readonly keyspace: string; readonly table: string; readonly role: string }[];
}

/** All tables of a version, in the order of its manifest. */
export async function fixtureTables(label: Label): Promise<FixtureTable[]> {
  const directory = await unpackedFixture(label);
  const { tables } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as Manifest;
  return tables.map(({ keyspace, table, role }) => ({
    label, directory, keyspace, table, role,
    expected: () => readExpected(join(directory, 'expected', `${keyspace}.${table}.json`)),
  }));
}

/** The expected/ file of a table, compressed or not. */
export function readExpected(path: string): ExpectedTable {
  const text = existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
  return JSON.parse(text.toString('utf8')) as ExpectedTable;
}

