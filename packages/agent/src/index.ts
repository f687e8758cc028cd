// What the server and the command line use of the agent.

export { agentError, agentErrors, extractorErrors, writeError } from './errors.ts';
export { FAULT_POINTS, faultPoint } from './fault-point.ts';
export type { FaultPoint } from './fault-point.ts';
export { ReadBudget } from './reading.ts';
export type { PinnedInput } from './pins.ts';
export type { AwsSettings } from './aws-client.ts';
export { clientSettings } from './aws-client.ts';
export type * from './job.ts';
export type { StagingSettings } from './staging.ts';
export { defaultWorkers, WorkerPool } from './worker-pool.ts';
export { writePrivately } from './extractor/owner.ts';
export { makeFolder, syncPath } from './local-file.ts';
export { addSums } from './range-sums.ts';
export type { RangeSums } from './range-sums.ts';
export { agentFile, AUTHORITY_FILE, generateKeyStores, hasAuthority } from './keystore/generate.ts';
export type { AgentNames, GeneratedStore, KeyStoreOrder } from './keystore/generate.ts';
export { readKeyStore, readTrustStore } from './keystore/pkcs12.ts';
export { setServicePassword, startAgent } from './service/agent.ts';
export { AGENT_VERSION } from './version.ts';
export type { AgentOptions, RunningAgent } from './service/agent.ts';
export { agentFingerprint } from './service/security.ts';
export { readAgentSettings } from './service/settings.ts';
export type { AgentSettings } from './service/settings.ts';
export { JobBoard } from './service/job-board.ts';
export { localJob } from './service/local-job.ts';
export type { AgentFolders } from './service/local-job.ts';
export { isSystemKeyspace } from './survey.ts';
