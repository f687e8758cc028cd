// What the server asks of an agent, over HTTPS: one POST per call, JSON in and out. An agent answers nothing before it knows who asks
// (client certificate, or its service password as HTTP basic authentication of the user `aeneas`); then every refusal is an `AgentRefusal` with its reason.
//
// How a job crosses a network that fails:
// - `startJob` is idempotent by (serverId, taskId, jobId, epoch): asking again answers with the same job. A lower epoch than the agent
//   has seen is refused (AGENT_JOB_FENCED); a higher one stops the older attempt first.
// - A job begins with the first poll of it. So a request that lay waiting while the agent hung begins nothing, after its sender has given
//   the job to another: who heard no answer does not poll.
// - Events have numbers. `pollJob` with `after` = the last event that the asker has made durable acknowledges up to there and returns
//   what follows; after a lost connection the same call returns the same events. Progress between two polls may be summed up in one event.
// - Every start and poll renews the lease. Without one for `leaseSeconds` the agent stops the job by itself: the server may give the split
//   to another agent with a higher epoch. Late effects of the old one are harmless: its files have names of its own and are in no ledger,
//   its items are equal to those of the new one.

import { z } from 'zod';
import { jobEventSchema, jobResultSchema, jobSchema } from './job-schema.ts';

/** Changes with every change that an older peer would not understand. */
export const AGENT_PROTOCOL_VERSION = 5;
export const AGENT_DEFAULT_PORT = 8080;

/** Part of file names on the agent's machine. */
const name = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/);
const seconds = z.number().min(1).max(3600);

export const agentRefusalSchema = z.object({ code: z.string(), message: z.string(), remedy: z.string() });
export type AgentRefusal = z.output<typeof agentRefusalSchema>;

export const throttlesSchema = z.strictObject({
  /** Jobs at the same time. */
  workers: z.int().min(1).max(256),
  /** All workers together, in units of 1,048,576 bytes; null: as fast as the disk. */
  readMegabytesPerSecond: z.number().min(0.1).nullable(),
});
export type Throttles = z.output<typeof throttlesSchema>;

/** Who works on what: the place of a job in its task, and the attempt. */
export const attemptSchema = z.strictObject({ serverId: name, taskId: name, jobId: name, epoch: z.int().min(1) });
export type JobAttempt = z.output<typeof attemptSchema>;

/** waiting: for a free worker. expired: the lease ended. fenced: a higher epoch came. stopped: by `stopJob`, or because the agent stops. */
export const jobStateSchema = z.enum(['waiting', 'running', 'done', 'failed', 'stopped', 'expired', 'fenced']);
export type JobState = z.output<typeof jobStateSchema>;

const jobStatusSchema = z.strictObject({
  state: jobStateSchema,
  /** After `done`, for the kinds that have one. */
  result: jobResultSchema.optional(),
  /** After `failed`. */
  error: agentRefusalSchema.optional(),
});

const agentIdentity = {
  /** Made when the agent is first started; stays. */
  agentId: z.string(),
  /** New with every start of the agent: its jobs do not survive it. */
  bootId: z.string(),
  name: z.string(),
  version: z.string(),
  protocolVersion: z.int(),
};

/** Health is asked for every two seconds. */
export const MAX_SHOWN_TABLES = 100;

/** The machine of an agent, and what it sees of the source. Agents within a server do not tell. */
export const machineSchema = z.strictObject({
  hostName: z.string(),
  cores: z.int(),
  /** Of the last minute. */
  load: z.number(),
  totalMemoryBytes: z.number(), freeMemoryBytes: z.number(),
  /** Size of the disk that `freeBytes` is of. */
  diskBytes: z.number(),
  /** Room that is to stay free there. */
  diskReserveBytes: z.number(),
  /** Reading waits until there is room on the disk. */
  isPausedForDisk: z.boolean(),
  certificateEndsMillis: z.number(),
  /** missing: nothing is mounted there. lost: what is mounted does not answer. Both are mended by themselves where the service of the mounts runs. */
  mounts: z.array(z.strictObject({
    node: z.string(), kind: z.enum(['conf', 'data', 'commitlog', 'cdc_raw']), remote: z.string(), local: z.string(),
    state: z.enum(['mounted', 'missing', 'lost', 'unknown']), sinceMillis: z.number(),
  })),
  /** Once it was looked at; tables without system tables. */
  source: z.strictObject({
    atMillis: z.number(), cassandraVersions: z.array(z.string()), tables: z.int(), sizeBytes: z.number(),
    /** Those that cannot be read, with the code why, and then the largest of the others. */
    shown: z.array(z.strictObject({ table: z.string(), sizeBytes: z.number(), error: z.string().optional() })).max(MAX_SHOWN_TABLES),
  }).optional(),
});
export type Machine = z.output<typeof machineSchema>;

const serverOnly = z.strictObject({ serverId: name });

/** Name of the call -> what it takes and answers. The path is `/v1/<name>`. */
export const agentContract = {
  /** Makes a server known to the agent: jobs are taken from known servers only. Idempotent. Throws AGENT_VERSION_MISMATCH. */
  register: {
    input: z.strictObject({ serverId: name, protocolVersion: z.int() }),
    output: z.strictObject({ ...agentIdentity, dataDirectories: z.array(z.string()), stagingFolder: z.string(), throttles: throttlesSchema, cores: z.int() }),
  },
  /** Forgets a server and stops its jobs. */
  unregister: { input: serverOnly, output: z.strictObject({}) },
  health: {
    input: z.strictObject({}),
    output: z.strictObject({
      ...agentIdentity,
      state: z.enum(['ready', 'stopping']),
      clockMillis: z.number(), uptimeSeconds: z.number(),
      runningJobs: z.int(), waitingJobs: z.int(),
      throttles: throttlesSchema,
      memoryBytes: z.number(),
      /** Room where the agent writes. */
      freeBytes: z.number(),
      /** Bytes of source files read since the start. */
      readBytes: z.number(),
      machine: machineSchema.optional(),
    }),
  },
  /** Throws AGENT_NOT_REGISTERED, AGENT_JOB_FENCED, AGENT_PATH_REFUSED, AGENT_STOPPING, AGENT_REQUEST_INVALID. */
  startJob: {
    input: z.strictObject({ attempt: attemptSchema, leaseSeconds: seconds, job: jobSchema }),
    output: z.strictObject({ bootId: z.string(), state: jobStateSchema }),
  },
  /** Answers at once when there is something new, else after `waitSeconds` at the latest. Throws AGENT_JOB_UNKNOWN. */
  pollJob: {
    input: z.strictObject({ attempt: attemptSchema, after: z.int().min(0), waitSeconds: z.number().min(0).max(60) }),
    output: z.strictObject({ ...jobStatusSchema.shape, events: z.array(z.strictObject({ number: z.int().min(1), event: jobEventSchema })) }),
  },
  /** Ends a job in order; resolves when it no longer works. With nothing to stop it does nothing. */
  stopJob: { input: z.strictObject({ attempt: attemptSchema }), output: z.strictObject({}) },
  listJobs: {
    input: serverOnly,
    output: z.strictObject({ jobs: z.array(z.strictObject({ attempt: attemptSchema, kind: z.string(), state: jobStateSchema, leaseEndsInSeconds: z.number() })) }),
  },
  /** Takes effect on running jobs as well; kept over a restart of the agent. */
  setThrottles: { input: throttlesSchema.partial(), output: throttlesSchema },
  /** Text of a file of rejected rows, from a byte on, at most so many bytes (at least 4): whole lines, or a piece of one that is longer. Throws AGENT_PATH_REFUSED. */
  rejectedRows: {
    input: z.strictObject({ file: z.string(), offset: z.int().min(0), maxBytes: z.int().min(4).max(1_048_576) }),
    output: z.strictObject({ text: z.string(), nextOffset: z.int() }),
  },
} as const satisfies Record<string, { readonly input: z.ZodType; readonly output: z.ZodType }>;

export type AgentContract = typeof agentContract;
export type AgentCall = keyof AgentContract;
/** As the program has it: bigints and bytes. */
export type AgentInput<Call extends AgentCall> = z.output<AgentContract[Call]['input']>;
export type AgentOutput<Call extends AgentCall> = z.output<AgentContract[Call]['output']>;
