// What the web app, the command line and scripts ask of the server: JSON over HTTP under /api, described by /api/openapi.json.
// Every error is one of the server's catalogue: `code`, `message`, and `data.remedy` says what to do.

import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { agentRefusalSchema, machineSchema, throttlesSchema } from './agent-contract.ts';
import { assessmentContract } from './assessment-contract.ts';
import { mappingContract } from './mapping-contract.ts';
import { prerequisitesContract } from './prerequisites-contract.ts';
import { settingsContract, vaultContract } from './settings-contract.ts';
import { connectionTestSchema, projectContract } from './project-contract.ts';

/** Changes with every change that an older client would not understand; app-contract.test.ts notices them. */
export const APP_PROTOCOL_VERSION = 1;

const count = z.int().min(0);
const millis = z.number();
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'is not a name: letters, digits, _ and -, at most 64');
const remedy = z.object({ remedy: z.string().describe('What to do.') });

/** Codes of the server's catalogue by what they mean to HTTP; every other code comes as 422. */
const errors = {
  TASK_UNKNOWN: { status: 404, data: remedy },
  TASK_STATE: { status: 409, data: remedy },
  TASK_EXISTS: { status: 409, data: remedy },
  AGENT_UNKNOWN: { status: 404, data: remedy },
  AGENT_EXISTS: { status: 409, data: remedy },
  AGENT_IN_USE: { status: 409, data: remedy },
  ENGINE_UNREACHABLE: { status: 503, data: remedy },
  /** The project, its files or the services refuse: `code` within the data is of the catalogue (docs/ERRORS.md). */
  REFUSED: { status: 422, data: remedy.extend({ code: z.string() }) },
} as const;

/** created: never started. stopping: what runs puts its work in order. done: every table is; failed: at least one table is not. */
export const taskStateSchema = z.enum(['created', 'running', 'stopping', 'stopped', 'deleting', 'done', 'failed']);
export const tablePhaseSchema = z.enum(['prepare', 'extract', 'load', 'validate', 'done']);

const tableSchema = z.object({
  table: z.string(),
  target: z.string(),
  phase: tablePhaseSchema,
  step: z.string().describe('The step of the phase, as docs/ARCHITECTURE.md lists them.'),
  fraction: z.number().min(0).max(1),
  splits: count,
  committedSplits: count,
  attempts: count.describe('Of all splits; more than splits: some were repeated or continued.'),
  running: count.describe('Jobs that agents have now.'),
  rows: count,
  items: count,
  bytes: count.describe('Of committed files, compressed.'),
  loadedItems: count,
  rejectedRows: count,
  isEqual: z.boolean().optional().describe('After the validation: whether the target equals its source.'),
  failure: agentRefusalSchema.optional().describe('Why the table was given up.'),
  retries: count.describe('Requests to AWS that were made again: throttled, answered with an error that passes, or not answered.'),
  lastRetryReason: z.string().optional().describe('What AWS or the network said to the last of them.'),
  lastError: agentRefusalSchema.optional().describe('Why work failed that will be tried again as a whole.'),
  nextRetryMillis: millis.optional().describe('When the work that failed last is tried again.'),
});
export type TableStatus = z.output<typeof tableSchema>;

const taskSummary = {
  id: z.string(),
  name: z.string(),
  projectFile: z.string(),
  agents: z.array(z.string()),
  state: taskStateSchema,
  createdMillis: millis,
  startedMillis: millis.optional(),
  endedMillis: millis.optional().describe('Also of a stopped task: then the elapsed time stands still.'),
  elapsedMillis: millis.describe('While it ran, without the time that it was stopped.'),
  failure: agentRefusalSchema.optional(),
  workspace: z.string().describe('Folder of the ledger, the rejected rows and the report.'),
};
const totals = z.object({
  tables: count, tablesDone: count, tablesFailed: count, splits: count, committedSplits: count, attempts: count, rows: count, items: count, bytes: count, loadedItems: count,
  rejectedRows: count, retries: count, rowsPerSecond: z.number(), fraction: z.number().min(0).max(1),
});

export const taskSchema = z.object({ ...taskSummary, totals, isClean: z.boolean().optional().describe('At the end: nothing rejected, nothing different, nothing failed.') });
export type TaskSummary = z.output<typeof taskSchema>;
/** An agent of the task that gets no work: it does not have the files that the task pinned. */
const refusedAgentSchema = agentRefusalSchema.extend({ agent: z.string() });
export type RefusedAgent = z.output<typeof refusedAgentSchema>;
export const taskStatusSchema = taskSchema.extend({
  tables: z.array(tableSchema),
  staging: z.string().optional().describe('Folder or s3:// address under which the task stages files. None: it never staged any.'),
  keptFiles: z.string().optional().describe('Folder within the output folder of each agent where files stay after their upload. None: they are deleted.'),
  refusedAgents: z.array(refusedAgentSchema).optional(),
});
export type TaskStatus = z.output<typeof taskStatusSchema>;

export const logEntrySchema = z.object({ number: z.int(), millis, task: z.string().optional(), kind: z.string(), text: z.string() });
export type LogEntry = z.output<typeof logEntrySchema>;
/** status: the task as it is now, at most twice a second while it changes. log: something that happened; these are numbered, and none is lost. */
const taskEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), status: taskStatusSchema }),
  z.object({ type: z.literal('log'), entry: logEntrySchema }),
]);
export type TaskEvent = z.output<typeof taskEventSchema>;

const PASSWORD = 'Otherwise the password is typed, or that of Global Settings > Security.';
/**
 * How the server proves itself to an agent, and knows it: by certificates, or by a service password and the fingerprint of the agent's
 * certificate. Files are the server's, and read when it connects; a store that is not named is that of Global Settings > Security.
 */
const credentialsSchema = z.strictObject({
  keyStore: z.string().optional().describe('PKCS#12 or JKS file with the server\'s client certificate and key. None: that of Global Settings > Security.'),
  trustStore: z.string().optional().describe('PKCS#12 or JKS file with the authority of the agent\'s certificate. None: that of Global Settings > Security.'),
  passwordFile: z.string().optional().describe(`File with the password of the stores that are named here. ${PASSWORD}`),
  pinnedCertificate: z.string().optional().describe('SHA-256 fingerprint of the agent\'s certificate, instead of an authority.'),
  servicePasswordFile: z.string().optional().describe('File with the agent\'s service password, instead of a client certificate. Otherwise the password is typed.'),
  storePassword: z.boolean().optional().describe('Passwords that are typed are kept in the vault. Otherwise in memory, until the server ends.'),
});
export type AgentCredentials = z.output<typeof credentialsSchema>;

const secret = z.string().min(1).max(4_096).optional();
/** As typed: they go in and never come out. */
const agentSecretsSchema = z.strictObject({ servicePassword: secret, trustStorePassword: secret, keyStorePassword: secret });
export type AgentSecrets = z.output<typeof agentSecretsSchema>;
export const AGENT_SECRET_NAMES = ['servicePassword', 'trustStorePassword', 'keyStorePassword'] as const satisfies readonly (keyof AgentSecrets)[];
export type AgentSecretName = (typeof AGENT_SECRET_NAMES)[number];

const agentDescription = z.string().trim().max(200, 'is longer than 200 characters');
const agentAddress = z.object({ name, url: z.url({ protocol: /^https$/ }), credentials: credentialsSchema, secrets: agentSecretsSchema.default({}) });

export const agentSchema = z.object({
  name: z.string(),
  url: z.string().optional().describe('None: the agent within the server.'),
  description: z.string().optional(),
  health: z.enum(['healthy', 'unreachable', 'refusing']),
  version: z.string().optional(),
  workers: count.describe('Jobs at the same time.'),
  readMegabytesPerSecond: z.number().nullable().optional().describe('How fast it may read; null: as fast as the disk. Not known before it has answered.'),
  runningJobs: count,
  lastSeenMillis: millis.optional(),
  error: agentRefusalSchema.optional(),
  notices: z.array(z.object({ level: z.enum(['advice', 'warning']), text: z.string() })).optional().describe('What somebody should look at: a certificate that ends, a mount that is lost, a disk that fills. None: nothing.'),
});
export type AgentStatus = z.output<typeof agentSchema>;

/** How the agent and its machine were when it was last asked. */
export const agentDetailSchema = agentSchema.extend({
  typedSecrets: z.array(z.object({ secret: z.enum(AGENT_SECRET_NAMES), place: z.enum(['vault', 'memory', 'missing']) })).optional()
    .describe('Passwords that were typed for it, and where they are. While the vault is locked, those in it are missing.'),
  machine: machineSchema.optional().describe('None of the agent within the server, and before an agent has answered.'),
  freeDiskBytes: z.number().optional().describe('Room in the output folder.'),
  agentMemoryBytes: z.number().optional(),
  uptimeSeconds: z.number().optional(),
});
export type AgentDetail = z.output<typeof agentDetailSchema>;

const serverSchema = z.object({
  version: z.string(), protocolVersion: z.int(), startedMillis: millis, processId: z.int(),
  engine: z.object({
    state: z.enum(['starting', 'ready', 'down']), restarts: count, processId: z.int().optional(), lastStepMillis: millis.optional().describe('When it last had the server do a step of a task.'),
  }),
});
/**
 * Everything that a page of the app shows, in one stream (browsers open few at a time). overview: all tasks and agents, whenever something
 * of them changed. alive: once a second, so that whoever hears nothing knows that the server is lost; with the server's clock.
 */
const appEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('overview'), server: serverSchema, tasks: z.array(taskSchema), agents: z.array(agentSchema) }),
  z.object({ type: z.literal('alive'), millis }),
  ...taskEventSchema.options,
]);
export type AppEvent = z.output<typeof appEventSchema>;

const byId = z.object({ id: z.string() });
const task = oc.errors(errors);

export const appContract = {
  settings: settingsContract,
  vault: vaultContract,
  projects: projectContract,
  assessment: assessmentContract,
  mapping: mappingContract,
  server: oc.route({ method: 'GET', path: '/server', summary: 'The server and its engine' }).output(serverSchema),
  events: task.route({ method: 'GET', path: '/events', summary: 'Everything that happens, as server-sent events; with a task its status and the newest of its log, where Last-Event-ID resumes' })
    .input(z.object({ task: z.string().optional() })).output(eventIterator(appEventSchema)),
  log: oc.route({ method: 'GET', path: '/log', summary: 'What happened on this server, and when: the last entries, oldest first; it outlives tasks and agents' })
    .input(z.object({
      task: z.string().optional().describe('Of this task alone, also of one that was deleted.'),
      limit: z.coerce.number().int().min(1).max(10_000).default(100),
    })).output(z.array(logEntrySchema)),
  tasks: {
    list: task.route({ method: 'GET', path: '/tasks', summary: 'All tasks' }).output(z.array(taskSchema)),
    get: task.route({ method: 'GET', path: '/tasks/{id}', summary: 'One task with its tables' }).input(byId).output(taskStatusSchema),
    create: task.route({ method: 'POST', path: '/tasks', successStatus: 201, summary: 'Make a task of a project file' }).input(z.object({
      projectFile: z.string().describe('Absolute path on the server\'s machine.'),
      name: name.optional().describe('Default: the name of the project.'),
      agents: z.array(z.string()).optional().describe('Names of the agents that work on it. Default: all that are registered, or else the one within the server.'),
      nowSeconds: z.int().optional().describe('The moment at which TTLs are judged. Default: when the task is first started.'),
    })).output(taskStatusSchema),
    start: task.route({ method: 'POST', path: '/tasks/{id}/start', summary: 'Start a task' }).input(byId).output(taskStatusSchema),
    stop: task.route({ method: 'POST', path: '/tasks/{id}/stop', summary: 'Stop a task in order; it can be resumed' }).input(byId).output(taskStatusSchema),
    resume: task.route({ method: 'POST', path: '/tasks/{id}/resume', summary: 'Go on where a task stopped; tables that failed are tried again' }).input(byId).output(taskStatusSchema),
    delete: task.route({ method: 'DELETE', path: '/tasks/{id}', summary: 'Delete a task, its staged files and its progress; tables in DynamoDB stay' }).input(byId).output(z.object({})),
    events: task.route({ method: 'GET', path: '/tasks/{id}/events', summary: 'What happens to a task, as server-sent events; Last-Event-ID resumes' })
      .input(byId).output(eventIterator(taskEventSchema)),
  },
  agents: {
    list: task.route({ method: 'GET', path: '/agents', summary: 'Agents and their health, with what each tells of its machine' }).output(z.array(agentDetailSchema)),
    get: task.route({ method: 'GET', path: '/agents/{name}', summary: 'One agent, with what it tells of its machine' }).input(z.object({ name: z.string() })).output(agentDetailSchema),
    register: task.route({ method: 'POST', path: '/agents', successStatus: 201, summary: 'Make an agent known, if it can be reached' })
      .input(agentAddress.extend({ description: agentDescription.optional() })).output(agentSchema),
    test: task.route({ method: 'POST', path: '/agents/test', summary: 'Reach an agent that is to be registered, step by step' }).input(agentAddress.omit({ name: true })).output(connectionTestSchema),
    change: task.route({ method: 'PATCH', path: '/agents/{name}', summary: 'Change the description of an agent, or give its passwords again' })
      .input(z.object({ name: z.string(), description: agentDescription.optional(), secrets: agentSecretsSchema.default({}), storePassword: z.boolean().optional() })).output(agentDetailSchema),
    throttle: task.route({ method: 'POST', path: '/agents/{name}/throttles', summary: 'Change how hard an agent may work, also while it does' })
      .input(throttlesSchema.partial().extend({ name: z.string() })).output(agentSchema),
    unregister: task.route({ method: 'DELETE', path: '/agents/{name}', summary: 'Forget an agent that no task needs, and the passwords that were typed for it' }).input(z.object({ name: z.string() })).output(z.object({})),
  },
  prerequisites: prerequisitesContract,
};
