import { retryTeller } from './aws-client.ts';
import type { JobContext, SweepJob } from './job.ts';
import { openStaging } from './staging.ts';

/** Runs a job of this kind: see SweepJob. */
export async function sweepStaging({ staging: settings, under, keep }: SweepJob, context: JobContext): Promise<void> {
  const staging = await openStaging(settings, retryTeller(context));
  try {
    const kept = new Set(keep);
    await staging.remove((await staging.list(under)).filter((name) => !kept.has(name)));
    await staging.abandonUploads(under);
  } finally {
    staging.close();
  }
}
