import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writePrivately } from '@aeneas/agent';
import { assess, assessmentCsv, assessmentPdf, assessmentText, readAssessable } from '@aeneas/server';
import type { Assessment } from '@aeneas/server';
import { cliError } from '../errors.ts';
import { DONE, FINISHED_WITH_FINDINGS } from '../exit.ts';
import { Output } from '../output.ts';
import { progressView } from '../progress.ts';
import { stopOnSignal } from './migrate.ts';

const BYTES_PER_MB = 1024 * 1024;

export interface AssessFlags {
  readonly queries?: string;
  readonly format: 'text' | 'json' | 'csv' | 'pdf';
  readonly output?: string;
  readonly now?: number;
  readonly seed?: number;
  readonly sampleMb?: number;
}

/** `aeneas assess PROJECT.yaml`: the assessment on standard output, or in a file. Resolves to the exit code; errors are thrown. */
export async function assessCommand(path: string, { queries, format, output, now, seed, sampleMb }: AssessFlags): Promise<number> {
  if (format === 'pdf' && output === undefined) throw cliError('USAGE', '--format pdf needs a file: --output FILE');
  const project = await readAssessable(path);
  const cql = queries === undefined ? undefined : await readFile(queries, 'utf8').catch((error: Error) => {
    throw cliError('USAGE', `the queries cannot be read: ${error.message}`);
  });
  const view = progressView(process.stderr);
  const release = stopOnSignal((signal) => view.note(`Stopping (${signal}); once more to stop at once.`));
  try {
    const assessment = await assess(project, {
      nowSeconds: now, seed, queries: cql, signal: release.signal, sampleBytes: sampleMb === undefined ? undefined : sampleMb * BYTES_PER_MB,
      onProgress: ({ table, fraction, tablesDone, tables }) => view.show({ phase: `assess ${table}`, tablesDone, tables, fraction, rows: 0, items: 0, rejected: 0, rowsPerSecond: 0 }),
    });
    view.end();
    const rendered = await render(assessment, format);
    if (output === undefined) await new Output().write(rendered as string);
    else await writePrivately(resolve(output), rendered);
    return assessment.actionItems.some(({ severity }) => severity === 'high') ? FINISHED_WITH_FINDINGS : DONE;
  } finally {
    view.end();
    release.dispose();
  }
}

async function render(assessment: Assessment, format: AssessFlags['format']): Promise<string | Uint8Array> {
  if (format === 'json') return `${JSON.stringify(assessment, null, 2)}\n`;
  if (format === 'csv') return assessmentCsv(assessment);
  return format === 'pdf' ? assessmentPdf(assessment, Date.now()) : assessmentText(assessment);
}
