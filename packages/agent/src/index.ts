// What the server and the command line use of the agent.

export { agentError, agentErrors, writeError } from './errors.ts';
export { FAULT_POINTS, faultPoint } from './fault-point.ts';
export type { FaultPoint } from './fault-point.ts';
export type { AwsSettings } from './aws-client.ts';
export { clientSettings } from './aws-client.ts';
export type * from './job.ts';
export type { StagingSettings } from './staging.ts';
export { defaultWorkers, WorkerPool } from './worker-pool.ts';
export { makeFolder } from './local-file.ts';
export { addSums } from './range-sums.ts';
export type { RangeSums } from './range-sums.ts';
