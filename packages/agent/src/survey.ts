// What a source holds, seen from where its files are: the tables that a project's patterns choose, with their schema, and their files as
// they are now.

import { dirname } from 'node:path';
import { qualifiedName, TableCatalogue } from '@aeneas/cassandra';
import type { FileSystem } from '@aeneas/cassandra';
import { agentError } from './errors.ts';
import type { JobContext, SurveyedTable, SurveyJob, SurveyResult } from './job.ts';
import { pinFiles } from './pins.ts';

/** Of no use outside the cluster that wrote them. */
const SYSTEM_KEYSPACE = /^(?:system|system_.*|dse_.*|solr_admin)$/;

export function isSystemKeyspace(keyspace: string): boolean {
  return SYSTEM_KEYSPACE.test(keyspace);
}

/** The components that are read. */
const COMPONENT = /^(?:(?:Data|Index|Statistics|CompressionInfo|Summary|CRC|Partitions|Rows)\.db|TOC\.txt|Digest\.[a-z0-9]+)$/;

/** The tables that the patterns choose. Views are left out: they hold copies of their tables' rows. Throws NO_TABLES and errors of the schema. */
export async function surveySource({ directories, schemaText, patterns }: SurveyJob, context: Pick<JobContext, 'files' | 'signal'>): Promise<SurveyResult> {
  const { files } = context;
  const catalogue = await TableCatalogue.open({ files, directories, ...(schemaText === undefined ? {} : { schemaText }) });
  const known = catalogue.list().filter(({ keyspace, isView }) => !isView && !isSystemKeyspace(keyspace));
  const chosen = known.filter(({ keyspace, name }) => isChosen(`${keyspace}.${name}`, patterns));
  if (chosen.length === 0) {
    const has = known.length === 0 ? 'the source has no tables' : `the source has ${known.map((table) => qualifiedName(table)).join(', ')}`;
    throw agentError('NO_TABLES', `No table matches ${patterns.join(', ')}: ${has}`);
  }
  const tables: SurveyedTable[] = [];
  for (const name of chosen) {
    const { table, dataFiles } = await catalogue.load(name);
    const paths = [];
    for (const dataFile of dataFiles) paths.push(...await componentsOf(dataFile, files));
    tables.push({ table, inputs: await pinFiles(paths, context) });
  }
  return { tables };
}

/** The files of an SSTable that are there. */
async function componentsOf(dataFile: string, files: FileSystem): Promise<string[]> {
  const folder = dirname(dataFile);
  const prefix = dataFile.slice(folder.length + 1, -'Data.db'.length);
  return (await files.list(folder)).filter((entry) => !entry.isDirectory && entry.name.startsWith(prefix) && COMPONENT.test(entry.name.slice(prefix.length))).map((entry) => `${folder}/${entry.name}`);
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
