// What `aeneas sstable dump` does, without and with --raw.

import type { FileSystem } from '../bytes/byte-source.ts';
import type { TableReader } from '../merge/table-reader.ts';
import { cqlView } from '../schema/table-builder.ts';
import { findTables } from '../schema/data-directory.ts';
import { loadTable } from '../schema/load-schema.ts';
import type { TableName } from '../schema/load-schema.ts';
import { cassandraError } from '../errors.ts';
import type { TableMetadata } from '../model/table-metadata.ts';
import type { Descriptor } from '../sstable/descriptor.ts';
import { SSTable } from '../sstable/sstable.ts';
import { writeNeutralRows } from './neutral-rows.ts';
import { writeRawPartitions } from './raw.ts';
import type { ByteSink } from './chunked-output.ts';

/** Writes the live rows of a table at a moment (seconds since the epoch) as neutral rows. Returns their number. Throws SSTABLE_* and VALUE_INVALID. */
export async function dumpTable(reader: TableReader, nowSeconds: number, sink: ByteSink): Promise<number> {
  const rows = await reader.liveRows({ nowSeconds });
  try {
    return await writeNeutralRows(cqlView(reader.table), rows, {
      nowSeconds,
      // The servers that know the field are the ones whose CQL tells write times of frozen collections.
      frozenCollectionsHaveTimes: reader.sstables.some(({ descriptor }) => descriptor.version.hasOriginatingHostId),
    }, sink);
  } finally {
    await rows.close();
  }
}

/** What an SSTable before 3.0 cannot say of itself. */
export interface RawSource {
  /** The table; by default what the path says. */
  readonly name?: TableName;
  /** CQL DDL text; by default the schema of the data directory around the file. */
  readonly schemaText?: string;
}

/**
 * Writes one SSTable (its Data.db) as it is, a partition a line; "expired" is judged at a moment. Throws FILE_UNREADABLE, SSTABLE_* and VALUE_INVALID;
 * for versions before 3.0 also what `loadTable` throws.
 */
export async function dumpSSTable(files: FileSystem, dataFile: string, nowSeconds: number, sink: ByteSink, source: RawSource = {}): Promise<void> {
  const described = await SSTable.open(files, dataFile);
  const sstable = described.table ? described : await SSTable.open(files, dataFile, await schemaOf(files, dataFile, described.descriptor, source));
  const cursor = await sstable.scan();
  try {
    await writeRawPartitions(sstable.table!, cursor, { nowSeconds, dataLength: sstable.dataLength }, sink);
  } finally {
    await cursor.close();
  }
}

async function schemaOf(files: FileSystem, dataFile: string, descriptor: Descriptor, { name, schemaText }: RawSource): Promise<TableMetadata> {
  const [given] = (await findTables(files, [dataFile])).dataFiles;
  const keyspace = name?.keyspace ?? descriptor.keyspace ?? given.directory.keyspace;
  const table = name?.name ?? descriptor.table ?? given.directory.table;
  if (keyspace === undefined || table === undefined) {
    throw cassandraError('SCHEMA_MISSING', 'The path does not say of which table the SSTable is, and before version ma the file does not say its columns', { file: dataFile });
  }
  return (await loadTable({ files, directories: [dataFile], keyspace, name: table, ...(schemaText === undefined ? {} : { schemaText }) })).table;
}
