import type { Job, JobContext, JobResult } from './job.ts';

/** Does what a job asks for, on the thread that calls. What a kind of job needs is loaded when the first of that kind comes: the AWS SDK is large. */
export async function runJob(job: Job, context: JobContext): Promise<JobResult> {
  switch (job.kind) {
    case 'survey': return (await import('./survey.ts')).surveySource(job, context);
    case 'check': return (await import('./pins.ts')).checkPins(job, context);
    case 'plan': return (await import('./plan-splits.ts')).planSplits(job, context);
    case 'assess': return (await import('./assess-table.ts')).assessTable(job, context);
    case 'sample': return (await import('./sample-rows.ts')).sampleRows(job, context);
    case 'prepare': return (await import('./prepare-target.ts')).prepareTarget(job, context);
    case 'exists': return (await import('./prepare-target.ts')).targetExists(job);
    case 'extract': return (await import('./extract.ts')).extractSplit(job, context);
    case 'sweep': return (await import('./sweep-staging.ts')).sweepStaging(job, context);
    case 'load': return (await import('./load.ts')).loadFiles(job, context);
    case 'digest': return (await import('./source-items.ts')).digestSource(job, context);
    case 'scan': return (await import('./target-items.ts')).scanTarget(job, context);
    case 'compare': return (await import('./compare-items.ts')).compareItems(job, context);
  }
}
