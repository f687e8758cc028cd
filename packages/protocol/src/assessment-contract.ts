// The assessment report of a project: what its tables would become, before any data moves. A run goes on in the server; its report is kept.

import { oc } from '@orpc/contract';
import { z } from 'zod';
import { agentRefusalSchema } from './agent-contract.ts';

const count = z.int().min(0);
const dollars = z.number();

const refused = oc.errors({
  /** `code` within the data is of the catalogue (docs/ERRORS.md). */
  REFUSED: { status: 422, data: z.object({ remedy: z.string().describe('What to do.'), code: z.string() }) },
});

const askedSchema = z.object({
  queries: z.string().max(1_048_576).default('').describe('CQL SELECT statements of the application: each is told the key or index that answers it.'),
  sampleMegabytes: z.int().min(1).max(1_048_576).default(1_024).describe('Read about so much of a table at most, uncompressed.'),
  seed: z.int().min(0).max(2 ** 31 - 1).default(1).describe('Which parts of large tables are sampled; the same seed samples the same.'),
});
export type AssessmentAsked = z.output<typeof askedSchema>;

const runSchema = z.object({
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted']).describe('waiting: another project is being assessed. interrupted: the server ended before the run did.'),
  startedMillis: z.number(),
  endedMillis: z.number().optional(),
  asked: askedSchema,
  progress: z.object({ table: z.string().describe('One of those at work.'), fraction: z.number(), tablesDone: count, tables: count }).optional(),
  problem: agentRefusalSchema.optional().describe('Why it failed.'),
});
export type AssessmentRun = z.output<typeof runSchema>;

const madeSchema = z.object({
  madeMillis: z.number(),
  tookMillis: z.number(),
  nowSeconds: z.number().describe('The moment at which TTLs were judged.'),
  asked: askedSchema,
  sstables: count,
  isOutdated: z.boolean().describe('The project file, or its mapping, is not what it was when the run began.'),
});
export type AssessmentMade = z.output<typeof madeSchema>;

const statusSchema = z.object({ run: runSchema.optional().describe('The last one.'), report: madeSchema.optional().describe('The last one that was made, which later runs that failed leave as it is.') });
export type AssessmentStatus = z.output<typeof statusSchema>;

const SEVERITIES = ['high', 'medium', 'low'] as const;
const actionItemSchema = z.object({ severity: z.enum(SEVERITIES).describe('high: rows would be missing. medium: something would be different, slow or dear. low: worth knowing.'), table: z.string(), what: z.string(), remedy: z.string() });
export type AssessmentActionItem = z.output<typeof actionItemSchema>;
export type AssessmentSeverity = AssessmentActionItem['severity'];

const waySchema = z.object({ name: z.string(), dollars, note: z.string() });
const querySchema = z.object({
  query: z.string(),
  by: z.enum(['keys', 'index', 'scan']).describe('keys: as good as in Cassandra. index: needs a global secondary index. scan: reads the whole table each time.'),
  answer: z.string().describe('What to call, in words of the DynamoDB API.'),
  notes: z.array(z.string()),
});
export type AssessmentQuery = z.output<typeof querySchema> & { readonly target: string };

const rowSchema = z.object({
  table: z.string(), target: z.string(), sstables: count,
  sizeBytes: count.describe('On disk in Cassandra.'), uncompressedBytes: count,
  rows: count, items: count, itemBytes: count.describe('As DynamoDB counts them.'), writeUnits: count.describe('To load it.'), rejected: count.describe('Rows that cannot become items.'),
  isWhole: z.boolean().describe('All of it was read: the counts are exact.'), share: z.number().describe('How much was read, 0 to 1.'), relativeError: z.number().describe('Half of the 95 % interval of the write units, as a part of them.'),
  largestPartitionBytes: count, largestItemBytes: count, hotPartitions: count,
  onDemandDollars: dollars, importDollars: dollars,
  actionItems: count,
});
export type AssessedTableRow = z.output<typeof rowSchema>;

const reportSchema = z.object({
  made: madeSchema,
  tables: z.array(rowSchema),
  actionItems: z.array(actionItemSchema).describe('The most severe first, 2,000 at most.'),
  counts: z.record(z.enum(SEVERITIES), count).describe('Of all action items.'),
  ways: z.array(waySchema).describe('Cost of loading all of it.'),
  basis: z.string().describe('Prices that the cost was reckoned with.'),
  times: z.array(z.object({ name: z.string(), seconds: z.number(), note: z.string() })).describe('Lower bounds.'),
  queries: z.array(querySchema.extend({ target: z.string() })),
});
export type AssessmentReport = z.output<typeof reportSchema>;

const partitionSchema = z.object({
  partitionKey: z.string(), sizeBytes: count.describe('Uncompressed, over all SSTables.'), sstables: count, share: z.number(),
  items: count, itemBytes: count, writeUnits: count, readUnits: count, loadSeconds: z.number(), isHot: z.boolean(),
});
const tableSchema = rowSchema.extend({
  ttlAttribute: z.string().optional(),
  mixedExpiry: count, decimalScales: count, negativeZeros: count,
  largestPartitions: z.array(partitionSchema),
  trafficLimit: z.object({ writeUnits: count, readUnits: count }).optional().describe('What the largest partition allows of the table a second, if traffic is spread as bytes are.'),
  largestItems: z.array(z.object({ partitionKey: z.string(), sizeBytes: count, writeUnits: count })),
  ways: z.array(waySchema), queries: z.array(querySchema), findings: z.array(actionItemSchema),
});
export type AssessedTableDetails = z.output<typeof tableSchema>;

const byName = z.object({ name: z.string() });

export const assessmentContract = {
  status: refused.route({ method: 'GET', path: '/projects/{name}/assessment', summary: 'The run, how far it is, and the last report' }).input(byName).output(statusSchema),
  start: refused.route({ method: 'POST', path: '/projects/{name}/assessment/start', summary: 'Assess the project; nothing is written to Cassandra or AWS' }).input(askedSchema.extend({ name: z.string() })).output(statusSchema),
  cancel: refused.route({ method: 'POST', path: '/projects/{name}/assessment/cancel', summary: 'End the run; the last report stays' }).input(byName).output(statusSchema),
  report: refused.route({ method: 'GET', path: '/projects/{name}/assessment/report', summary: 'The last report; as a file under report.json, report.csv and report.pdf' }).input(byName).output(reportSchema),
  table: refused.route({ method: 'GET', path: '/projects/{name}/assessment/tables/{table}', summary: 'One table of the last report' }).input(byName.extend({ table: z.string() })).output(tableSchema),
};
