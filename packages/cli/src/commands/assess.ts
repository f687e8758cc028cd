import { readFile } from 'node:fs/promises';
import { assess, assessmentCsv, assessmentText, readProject } from '@aeneas/server';
import { cliError } from '../errors.ts';
import { DONE, FINISHED_WITH_FINDINGS } from '../exit.ts';
import { Output } from '../output.ts';
import { progressView } from '../progress.ts';
import { stopOnSignal } from './migrate.ts';

const BYTES_PER_MB = 1024 * 1024;

export interface AssessFlags {
  readonly queries?: string;
  readonly format: 'text' | 'json' | 'csv';
  readonly now?: number;
  readonly seed?: number;
  readonly sampleMb?: number;
}

/** `aeneas assess PROJECT.yaml`: the assessment on standard output. Resolves to the exit code; errors are thrown. */
export async function assessCommand(path: string, { queries, format, now, seed, sampleMb }: AssessFlags): Promise<number> {
  const project = await readProject(path);
  const cql = queries === undefined ? undefined : await readFile(queries, 'utf8').catch((error: Error) => {
    throw cliError('USAGE', `the queries cannot be read: ${error.message}`);
  });
  const view = progressView(process.stderr);
  const release = stopOnSignal((signal) => view.note(`Stopping (${signal}); once more to stop at once.`));
  try {
    const assessment = await assess(project, {
      nowSeconds: now, seed, queries: cql, signal: release.signal, sampleBytes: sampleMb === undefined ? undefined : sampleMb * BYTES_PER_MB,
      onProgress: ({ table, fraction, tablesDone, tables }) => view.show({ phase: `assess ${table}`, tablesDone, tables, fraction: (tablesDone + fraction) / tables, rows: 0, items: 0, rejected: 0, rowsPerSecond: 0 }),
    });
    view.end();
    await new Output().write(format === 'json' ? `${JSON.stringify(assessment, null, 2)}\n` : format === 'csv' ? assessmentCsv(assessment) : assessmentText(assessment));
    return assessment.actionItems.some(({ severity }) => severity === 'high') ? FINISHED_WITH_FINDINGS : DONE;
  } finally {
    view.end();
    release.dispose();
  }
}
