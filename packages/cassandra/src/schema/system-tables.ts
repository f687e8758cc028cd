// The tables of the keyspace system_schema, as of all versions from 3.0 to 5.0 together: a column that a version does not have is
// not in its SSTables' headers, and nothing is missing; one that a later version adds is read over. Their ids are hashes of their names,
// the same on every node.
// `tables.cdc` came with 3.8; `dropped_columns.kind` with 4.0, and with late 3.0.x and 3.11.x.
// Source: SchemaKeyspace of Cassandra 3.0.0, 3.0.24, 3.0.29, 3.11.2, 3.11.19, 4.0, 4.1, 5.0.

import type { TableMetadata } from '../model/table-metadata.ts';
import { parseCqlSchema } from './cql-parser.ts';
import { tableOfCql } from './cql-schema.ts';

export const SYSTEM_SCHEMA = 'system_schema';
export const SCHEMA_TABLES = ['tables', 'views', 'columns', 'dropped_columns', 'indexes', 'types'] as const;
export type SchemaTable = (typeof SCHEMA_TABLES)[number];

export function isSchemaTable(name: string): name is SchemaTable {
  return (SCHEMA_TABLES as readonly string[]).includes(name);
}

const OPTIONS = `
  additional_write_policy text, allow_auto_snapshot boolean, bloom_filter_fp_chance double, caching frozen<map<text, text>>, cdc boolean,
  comment text, compaction frozen<map<text, text>>, compression frozen<map<text, text>>, crc_check_chance double,
  dclocal_read_repair_chance double, default_time_to_live int, extensions frozen<map<text, blob>>, gc_grace_seconds int, id uuid,
  incremental_backups boolean, max_index_interval int, memtable text, memtable_flush_period_in_ms int, min_index_interval int,
  read_repair text, read_repair_chance double, speculative_retry text`;

const TEXT = `
CREATE TABLE tables (keyspace_name text, table_name text, flags frozen<set<text>>, ${OPTIONS},
  PRIMARY KEY (keyspace_name, table_name)) WITH ID = afddfb9d-bc1e-3068-8056-eed6c302ba09;
CREATE TABLE views (keyspace_name text, view_name text, base_table_id uuid, base_table_name text, include_all_columns boolean,
  where_clause text, ${OPTIONS}, PRIMARY KEY (keyspace_name, view_name)) WITH ID = 9786ac1c-dd58-3201-a7cd-ad556410c985;
CREATE TABLE columns (keyspace_name text, table_name text, column_name text, clustering_order text, column_name_bytes blob, kind text,
  position int, type text, PRIMARY KEY (keyspace_name, table_name, column_name)) WITH ID = 24101c25-a2ae-3af7-87c1-b40ee1aca33f;
CREATE TABLE dropped_columns (keyspace_name text, table_name text, column_name text, dropped_time timestamp, kind text, type text,
  PRIMARY KEY (keyspace_name, table_name, column_name)) WITH ID = 5e7583b5-f3f4-3af1-9a39-b7e1d6f5f11f;
CREATE TABLE indexes (keyspace_name text, table_name text, index_name text, kind text, options frozen<map<text, text>>,
  PRIMARY KEY (keyspace_name, table_name, index_name)) WITH ID = 0feb57ac-311f-382f-ba6d-9024d305702f;
CREATE TABLE types (keyspace_name text, type_name text, field_names frozen<list<text>>, field_types frozen<list<text>>,
  PRIMARY KEY (keyspace_name, type_name)) WITH ID = 5a8b1ca8-6602-3f77-a045-9273d308917a;`;

/** The schema of a schema table, which has to be known before any schema can be read. */
export function schemaTableMetadata(name: SchemaTable): TableMetadata {
  return { ...tableOfCql(parseCqlSchema(TEXT, SYSTEM_SCHEMA), SYSTEM_SCHEMA, name)!, isPartial: true };
}
