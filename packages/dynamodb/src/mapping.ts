// The mapping file: rules for tables and columns, and how they are read. docs/MAPPING.md describes them to users.

import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { closestName } from '@aeneas/cassandra';
import { dynamodbError } from './errors.ts';

const attributeName = z.string().min(1);

const columnRuleSchema = z.strictObject({
  name: attributeName.optional().describe('Name of the attribute; default: the name of the column.'),
  as: z.enum(['string', 'list', 'set']).optional()
    .describe('string: numbers and timestamps as S instead of N, also within collections. list: a set as L. set: a frozen set as SS, NS or BS.'),
  exclude: z.boolean().optional().describe('true: the column is not migrated.'),
});

const capacitySchema = z.strictObject({
  mode: z.enum(['on-demand', 'provisioned']),
  read: z.int().min(1).optional().describe('Provisioned read capacity units; with on-demand: the most request units a second.'),
  write: z.int().min(1).optional().describe('Provisioned write capacity units; with on-demand: the most request units a second.'),
}).refine((capacity) => capacity.mode === 'on-demand' || (capacity.read !== undefined && capacity.write !== undefined), 'provisioned capacity needs read and write');

/** A name of a target table or index may have these characters only. */
const indexName = z.string().regex(/^[\w.-]{3,255}$/, 'must be 3 to 255 characters of A-Z a-z 0-9 _ . -');

const indexRuleSchema = z.strictObject({
  name: indexName.optional().describe('Name of the index; default: that of what it is made from.'),
  from: z.string().min(1).optional()
    .describe('A secondary index or materialized view of the table in Cassandra, by its name; with * and ? as wildcards: all of these that can be an index.'),
  partitionKey: z.string().min(1).optional().describe('The column, or the attribute of the item, that is the index\'s partition key.'),
  sortKey: z.string().min(1).optional().describe('The column or attribute that is its sort key; default: none.'),
  projection: z.union([z.enum(['all', 'keys-only']), z.strictObject({ include: z.array(z.string().min(1)).min(1).max(20) })],
    'must be all, keys-only or { include: [up to 20 columns or attributes] }').optional()
    .describe('Attributes that the index has beside its keys and the table\'s; default all, or those that the view selects.'),
  capacity: z.strictObject({ read: z.int().min(1).optional(), write: z.int().min(1).optional() }).optional()
    .describe('Capacity units of the index, in the mode of its table: provisioned (default: as many as the table has), or the most request units a second.'),
}).refine((index) => index.from !== undefined || (index.name !== undefined && index.partitionKey !== undefined), 'an index needs name and partitionKey, or from')
  .refine((index) => !/[*?]/.test(index.from ?? '') || (index.name ?? index.partitionKey ?? index.sortKey) === undefined, 'from with wildcards goes with neither name, partitionKey nor sortKey');

const tableRuleSchema = z.strictObject({
  table: z.string().regex(/^[^.]+\.[^.]+$/, 'must be keyspace.table, with * and ? as wildcards').describe('The tables that the rule is for: keyspace.table, with * and ? as wildcards.'),
  source: z.string().min(1).optional().describe('In a project: the source connection that the tables are of.'),
  datacenter: z.string().min(1).optional().describe('In a project: the datacenter of that source whose nodes are read. The project says under "source" which one its files are of.'),
  target: z.string().min(1).optional().describe('In a project: the target connection that the tables go to.'),
  name: z.string().min(1).optional().describe('Template of the target table\'s name; default {keyspace}.{table}.'),
  profile: z.enum(['native', 'dms']).optional().describe('Item profile; default native. dms: what AWS DMS can write, strings, numbers and booleans.'),
  keys: z.enum(['native', 'encoded']).optional().describe('encoded: both key sides are synthesized attributes; default: native where possible.'),
  partitionKey: attributeName.optional().describe('Name of a synthesized partition key; default pk.'),
  sortKey: attributeName.optional().describe('Name of a synthesized sort key; default sk.'),
  ttl: z.union([attributeName, z.literal(false)], 'must be an attribute name or false').optional().describe('Name of the TTL attribute; default ttl; false: none.'),
  statics: z.enum(['item', 'copy']).optional().describe('Static columns: an item of their own (default), or copied into each row.'),
  onUnrepresentable: z.enum(['reject', 'string']).optional()
    .describe('What N may not be able to hold (varint, decimal, float, double): reject the row (default), or write these columns as S.'),
  onEmpty: z.enum(['reject', 'absent']).optional()
    .describe('Profile dms, which cannot tell an empty value from null: reject the row (default), or leave the attribute out.'),
  oversize: z.enum(['reject']).optional().describe('Items over 400 KB; default reject.'),
  capacity: capacitySchema.optional(),
  encryption: z.union([z.enum(['aws-owned', 'aws-managed']), z.strictObject({ kmsKey: z.string().min(1) })],
    'must be aws-owned, aws-managed or { kmsKey: ... }').optional().describe('Encryption at rest; default aws-owned.'),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional().describe('Tags of the target table.'),
  indexes: z.array(indexRuleSchema).max(20).optional().describe('Global secondary indexes of the target table. A later rule\'s list takes the place of an earlier one\'s.'),
  columns: z.record(z.string().min(1), columnRuleSchema).optional().describe('Rules for columns, by their CQL name.'),
});

/** The schema of mapping files and of the `mapping` part of project.yaml. */
export const mappingSchema = z.strictObject({
  rules: z.array(tableRuleSchema).default([]).describe('All rules that match a table apply in order; the last one that sets a property wins.'),
}).describe('How tables and columns of Cassandra become tables and attributes of DynamoDB');

/** What a rule says of connections: projects resolve it, tables are planned without. */
export const PAIR_KEYS = ['source', 'datacenter', 'target'] as const;

export type Mapping = z.output<typeof mappingSchema>;
export type ColumnRule = z.output<typeof columnRuleSchema>;
export type IndexRule = z.output<typeof indexRuleSchema>;
export type TableRule = z.output<typeof tableRuleSchema>;

/** A mapping without rules: every default. */
export const DEFAULT_MAPPING: Mapping = { rules: [] };

/** The JSON Schema that docs/schema/mapping.schema.json holds. */
export function mappingJsonSchema(): unknown {
  return z.toJSONSchema(mappingSchema, { io: 'input' });
}

/** Reads the YAML text of a mapping file. Throws MAPPING_INVALID. */
export function parseMapping(text: string, file: string): Mapping {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw dynamodbError('MAPPING_INVALID', error.message.split('\n')[0].replace(/:$/, ''), { file }, error);
  }
  return checkMapping(content, file);
}

/** Checks a mapping that was parsed already. Every unknown key is named with the one that was probably meant. Throws MAPPING_INVALID. */
export function checkMapping(content: unknown, file: string): Mapping {
  const checked = mappingSchema.safeParse(content ?? {});
  if (checked.success) return checked.data;
  throw dynamodbError('MAPPING_INVALID', checked.error.issues.map((issue) => describeIssue(issue)).join('; '), { file });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const place = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') return `"${place}": ${issue.message.replace(/^Invalid input: /, '')}`;
  const known = knownKeys(issue.path);
  return issue.keys.map((key) => {
    const guess = closestName(key, known);
    return `unknown key "${place === '' ? key : `${place}.${key}`}" (${guess === undefined ? `known here are ${known.join(', ')}` : `did you mean "${guess}"?`})`;
  }).join('; ');
}

interface SchemaNode {
  readonly properties?: Record<string, SchemaNode>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode;
}

/** The keys that the schema has at a path. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let node = mappingJsonSchema() as SchemaNode;
  for (const step of path) node = node.properties?.[String(step)] ?? node.items ?? node.additionalProperties ?? {};
  return Object.keys(node.properties ?? {});
}
