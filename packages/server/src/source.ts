// What a project asks about its source. The source's files are read where they are: by jobs, on whoever has them.

import { readFile } from 'node:fs/promises';
import type { SurveyJob } from '@aeneas/agent';
import { cassandraError } from '@aeneas/cassandra';
import type { AssessableProject } from './project.ts';

/** The job that finds out what there is to migrate. CQL text of the schema is the project's own file. Throws FILE_UNREADABLE. */
export async function surveyJob({ source: { directories, schema }, tables }: AssessableProject): Promise<SurveyJob> {
  return { kind: 'survey', directories, patterns: tables, ...(schema === undefined ? {} : { schemaText: await readSchema(schema) }) };
}

async function readSchema(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw cassandraError('FILE_UNREADABLE', `Cannot read the schema: ${(error as Error).message}`, { file: path }, error);
  });
}
