// What the project's source holds: the tables that its patterns choose, with their schema and files.

import { readFile } from 'node:fs/promises';
import { cassandraError, localFiles, qualifiedName, TableCatalogue } from '@aeneas/cassandra';
import type { LoadedTable } from '@aeneas/cassandra';
import { serverError } from './errors.ts';
import type { Project } from './project.ts';

/** Of no use outside the cluster that wrote them. */
const SYSTEM_KEYSPACE = /^(?:system|system_.*|dse_.*|solr_admin)$/;

/** The tables that the patterns choose. Views are left out: they hold copies of their tables' rows. Throws NO_TABLES and errors of the schema. */
export async function readSource(project: Project): Promise<LoadedTable[]> {
  const { directories, schema } = project.source;
  const catalogue = await TableCatalogue.open({ files: localFiles, directories, ...(schema === undefined ? {} : { schemaText: await readSchema(schema) }) });
  const known = catalogue.list().filter(({ keyspace, isView }) => !isView && !SYSTEM_KEYSPACE.test(keyspace));
  const chosen = known.filter(({ keyspace, name }) => isChosen(`${keyspace}.${name}`, project.tables));
  if (chosen.length === 0) {
    const has = known.length === 0 ? 'the source has no tables' : `the source has ${known.map((table) => qualifiedName(table)).join(', ')}`;
    throw serverError('NO_TABLES', `No table matches ${project.tables.join(', ')}: ${has}`);
  }
  const tables: LoadedTable[] = [];
  for (const table of chosen) tables.push(await catalogue.load(table));
  return tables;
}

/** Patterns apply in order, the last that matches decides; a list that only excludes begins with everything. */
export function isChosen(name: string, patterns: readonly string[]): boolean {
  let chosen = patterns.every((pattern) => pattern.startsWith('!'));
  for (const pattern of patterns) {
    const isExcluding = pattern.startsWith('!');
    if (matchesPattern(name, isExcluding ? pattern.slice(1) : pattern)) chosen = !isExcluding;
  }
  return chosen;
}

function matchesPattern(name: string, pattern: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
}

async function readSchema(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw cassandraError('FILE_UNREADABLE', `Cannot read the schema: ${(error as Error).message}`, { file: path }, error);
  });
}
