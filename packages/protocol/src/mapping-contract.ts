// Mapping rules of a project: source-target pairs with the choices for their tables, what they match as it is typed, and what becomes of a
// table and of some of its real rows. A preview takes a rule that is not saved yet.

import { oc } from '@orpc/contract';
import { z } from 'zod';
import { agentRefusalSchema } from './agent-contract.ts';

const refused = oc.errors({
  /** `code` within the data is of the catalogue (docs/ERRORS.md). */
  REFUSED: { status: 422, data: z.object({ remedy: z.string().describe('What to do.'), code: z.string() }) },
});

const count = z.int().min(0);
/** As docs/schema/mapping.schema.json has it; the server checks it, and says which key is wrong (MAPPING_INVALID). */
const ruleSchema = z.looseObject({
  table: z.string().max(512), source: z.string().optional(), datacenter: z.string().optional(), target: z.string().optional(),
});
export type WireRule = z.output<typeof ruleSchema>;

const listedRuleSchema = z.object({
  rule: ruleSchema,
  tables: count.optional().describe('How many tables of its source match; absent while the source is not connected.'),
  problem: agentRefusalSchema.optional(),
});
export type ListedRule = z.output<typeof listedRuleSchema>;

const mappingSchema = z.object({
  project: z.string(),
  path: z.string().describe('The file that has the rules: the project file, or the mapping file that it names.'),
  version: z.string().describe('Of the project file and of that file. A change names the version that it is made of (PROJECT_STALE).'),
  rules: z.array(listedRuleSchema).describe('In their order: later ones win.'),
  problem: agentRefusalSchema.optional().describe('Why a migration would refuse these rules.'),
});
export type MappingRules = z.output<typeof mappingSchema>;

const index = z.int().min(0).max(10_000);
const changeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('add'), rule: ruleSchema }),
  z.strictObject({ kind: z.literal('replace'), index, rule: ruleSchema }),
  z.strictObject({ kind: z.literal('remove'), index }),
  z.strictObject({ kind: z.literal('move'), index, to: index }),
]);
export type MappingChange = z.output<typeof changeSchema>;

const matchesSchema = z.object({
  tables: count.describe('Tables of the source, without system keyspaces.'),
  matching: count,
  names: z.array(z.string()).describe('The first of those that match, keyspace.table.'),
  leftOut: count.describe('Of those that match, left out by the project\'s "tables".'),
  datacenters: z.array(z.string()).describe('Of a cluster.'),
});
export type MappingMatches = z.output<typeof matchesSchema>;

const actionItemSchema = z.object({ severity: z.enum(['high', 'medium', 'low']), table: z.string(), what: z.string(), remedy: z.string() });
export type MappingActionItem = z.output<typeof actionItemSchema>;

const keySchema = z.object({ attribute: z.string(), type: z.enum(['S', 'N', 'B']), role: z.enum(['HASH', 'RANGE']), isNative: z.boolean(), columns: z.array(z.string()) });
const attributeSchema = z.object({
  column: z.string(), kind: z.enum(['partition_key', 'clustering', 'static', 'regular']), cqlType: z.string(),
  attribute: z.string().optional().describe('Absent: the column is excluded.'), type: z.string().optional(), form: z.string().describe('How values are written.'),
});
const plannedTableSchema = z.object({
  name: z.string(),
  keys: z.array(keySchema),
  attributes: z.array(attributeSchema),
  ttl: z.string().optional().describe('TTL attribute.'),
  statics: z.enum(['item', 'copy']).optional().describe('Absent: the table has no static columns.'),
  profile: z.string(), capacity: z.string(), encryption: z.string(), tags: z.record(z.string(), z.string()),
  indexes: z.array(z.object({ name: z.string(), partitionKey: z.string(), sortKey: z.string().optional(), projection: z.string() })),
});
export type PlannedTable = z.output<typeof plannedTableSchema>;

const previewSchema = z.object({
  table: z.string(),
  columns: z.array(z.object({ name: z.string(), cqlType: z.string(), kind: z.enum(['partition_key', 'clustering', 'static', 'regular']) })).describe('As CQL shows them.'),
  planned: plannedTableSchema.optional().describe('Absent: the rules do not fit this table; the action items say why.'),
  actionItems: z.array(actionItemSchema),
  checked: z.object({ tables: count, of: count }).describe('Of the tables that the rule matches, so many were planned to find conflicts.'),
});
export type MappingPreview = z.output<typeof previewSchema>;

const sampleSchema = z.object({
  row: z.string().describe('JSON of the columns, as "aeneas sstable dump" writes values.'),
  item: z.string().optional().describe('DynamoDB JSON.'), sizeBytes: count.optional().describe('As DynamoDB counts.'),
  rejected: z.object({ reason: z.string(), column: z.string().optional(), detail: z.string(), remedy: z.string() }).optional().describe('Why there is no item.'),
});
const samplesSchema = z.object({
  samples: z.array(sampleSchema), read: count.describe('Rows, and static items, that were looked at.'), isWhole: z.boolean().describe('That is all of the table.'),
  none: agentRefusalSchema.optional().describe('Why there are none, and how to get some.'),
  actionItems: z.array(actionItemSchema),
});
export type MappingSamples = z.output<typeof samplesSchema>;

const byName = z.object({ name: z.string() });
/** A rule that is not saved: it takes the place of the one at `index`, or comes last. */
const draft = byName.extend({ rule: ruleSchema, index: index.optional() });

export const mappingContract = {
  get: refused.route({ method: 'GET', path: '/projects/{name}/mapping', summary: 'The mapping rules of a project' }).input(byName).output(mappingSchema),
  change: refused.route({ method: 'POST', path: '/projects/{name}/mapping', summary: 'Add, change, remove or move a mapping rule' })
    .input(byName.extend({ version: z.string(), change: changeSchema })).output(mappingSchema),
  matches: refused.route({ method: 'POST', path: '/projects/{name}/mapping/matches', summary: 'What a pattern matches in a source' })
    .input(byName.extend({ source: z.string(), datacenter: z.string().optional(), table: z.string().max(512) })).output(matchesSchema),
  preview: refused.route({ method: 'POST', path: '/projects/{name}/mapping/preview', summary: 'What becomes of a table with a rule that need not be saved; nothing is written' })
    .input(draft.extend({ table: z.string() })).output(previewSchema),
  samples: refused.route({ method: 'POST', path: '/projects/{name}/mapping/samples', summary: 'Real rows of a table beside the items that they become; ended when the request is' })
    .input(draft.extend({ table: z.string() })).output(samplesSchema),
};
