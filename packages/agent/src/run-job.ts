import { compareItems } from './compare-items.ts';
import { extractSplit } from './extract.ts';
import type { Job, JobContext, JobResult } from './job.ts';
import { loadFiles } from './load.ts';
import { digestSource } from './source-items.ts';
import { scanTarget } from './target-items.ts';

/** Does what a job asks for, on the thread that calls. */
export function runJob(job: Job, context: JobContext): Promise<JobResult> {
  switch (job.kind) {
    case 'extract': return extractSplit(job, context);
    case 'load': return loadFiles(job, context);
    case 'digest': return digestSource(job, context);
    case 'scan': return scanTarget(job, context);
    case 'compare': return compareItems(job, context);
  }
}
