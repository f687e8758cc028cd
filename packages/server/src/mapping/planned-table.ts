// What a table becomes, as people are shown it: from the plan that the migration uses.

import { columnTypeText } from '@aeneas/cassandra';
import type { ColumnMetadata, CqlType } from '@aeneas/cassandra';
import type { AttributePlan, KeyPlan, TablePlan } from '@aeneas/dynamodb';
import type { PlannedTable } from '@aeneas/protocol';

export function plannedTable(plan: TablePlan): PlannedTable {
  const { table, rules, partitionKey, sortKey, ttlAttribute } = plan;
  const { capacity, encryption = 'aws-owned', tags = {}, profile = 'native' } = rules;
  return {
    name: plan.targetName,
    keys: [key(partitionKey), ...(sortKey === undefined ? [] : [key(sortKey)])],
    attributes: [
      ...attributes(table.partitionKey, plan.partitionColumns, partitionKey), ...attributes(table.clustering, plan.clusteringColumns, sortKey),
      ...attributes(table.staticColumns, plan.staticColumns, undefined), ...attributes(table.regularColumns, plan.regularColumns, undefined),
    ],
    ...(ttlAttribute === undefined ? {} : { ttl: ttlAttribute }),
    ...(table.staticColumns.length === 0 ? {} : { statics: plan.statics }),
    profile, capacity: capacityText(capacity), encryption: typeof encryption === 'string' ? ENCRYPTION[encryption] : `KMS key ${encryption.kmsKey}`, tags,
    indexes: plan.indexes.map(index),
  };
}

const ENCRYPTION = { 'aws-owned': 'key owned by AWS', 'aws-managed': 'key managed by AWS (aws/dynamodb)' } as const;

function key({ attribute, type, side, isNative, components }: KeyPlan): PlannedTable['keys'][number] {
  return { attribute, type, role: side === 'partition' ? 'HASH' : 'RANGE', isNative, columns: components.map(({ column, reversed }) => (reversed && !isNative ? `${column.name} DESC` : column.name)) };
}

function index({ name, partitionKey, sortKey, projection }: TablePlan['indexes'][number]): PlannedTable['indexes'][number] {
  const text = ({ attribute, type }: { readonly attribute: string; readonly type: string }): string => `${attribute} (${type})`;
  return { name, partitionKey: text(partitionKey), ...(sortKey === undefined ? {} : { sortKey: text(sortKey) }), projection: typeof projection === 'string' ? PROJECTION[projection] : `with ${projection.join(', ') || 'the keys only'}` };
}

const PROJECTION = { all: 'all attributes', 'keys-only': 'keys only' } as const;

/** @param side of the columns, when they are of a key: a native one is its attribute. */
function attributes(columns: readonly ColumnMetadata[], plans: readonly (AttributePlan | undefined)[], side: KeyPlan | undefined): PlannedTable['attributes'] {
  return columns.map((column, i) => {
    const base = { column: column.name, kind: column.kind, cqlType: columnTypeText(column.type) };
    const plan = plans[i];
    if (plan !== undefined) return { ...base, attribute: plan.attribute, type: plan.value.attributeType, form: formOf(column.type, plan.value.attributeType) };
    return side?.isNative === true ? { ...base, attribute: side.attribute, type: side.type, form: `${formOf(column.type, side.type)}; the key itself` } : { ...base, form: 'excluded' };
  });
}

/** docs/MAPPING.md, "Types", in few words. */
function formOf(type: CqlType, attributeType: string): string {
  switch (attributeType) {
    case 'N': return type.kind === 'timestamp' ? 'milliseconds since 1970' : 'number';
    case 'S': return TEXTS[type.kind] ?? (NUMBERS.has(type.kind) ? 'number as text' : 'text');
    case 'B': return 'bytes';
    case 'BOOL': return 'boolean';
    case 'SS': case 'NS': case 'BS': return 'set';
    case 'M': return type.kind === 'udt' ? 'map of the fields' : 'map';
    case 'L': return type.kind === 'map' ? 'list of [key, value] pairs' : type.kind === 'set' ? 'list of the members' : 'list';
    default: return attributeType;
  }
}

/** Collections and blobs are text in the profile dms. */
const TEXTS: Partial<Record<CqlType['kind'], string>> = {
  timestamp: 'ISO 8601 text', list: 'JSON text', set: 'JSON text', map: 'JSON text', tuple: 'JSON text', udt: 'JSON text', vector: 'JSON text', blob: 'Base64 text', composite: 'Base64 text', custom: 'Base64 text',
};
const NUMBERS = new Set<CqlType['kind']>(['tinyint', 'smallint', 'int', 'bigint', 'counter', 'varint', 'decimal', 'float', 'double']);

function capacityText(capacity: TablePlan['rules']['capacity']): string {
  const { mode = 'on-demand', read, write } = capacity ?? {};
  if (mode === 'provisioned') return `provisioned: ${read} read and ${write} write units`;
  const most = [...(read === undefined ? [] : [`${read} read`]), ...(write === undefined ? [] : [`${write} write`])];
  return most.length === 0 ? 'on demand' : `on demand, at most ${most.join(' and ')} request units a second`;
}
