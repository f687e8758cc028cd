// Which rules of a mapping apply to a table, folded into one set of choices.

import { closestName, qualifiedName } from '@aeneas/cassandra';
import type { TableMetadata } from '@aeneas/cassandra';
import { dynamodbError } from './errors.ts';
import type { ColumnRule, Mapping, PAIR_KEYS, TableRule } from './mapping.ts';

/** What chooses tables and connections, and what is folded by column. */
type NotFolded = 'table' | 'columns' | (typeof PAIR_KEYS)[number];

/** The choices for one table; absent ones have the defaults of docs/MAPPING.md. */
export interface TableRules extends Omit<TableRule, NotFolded> {
  readonly columns: ReadonlyMap<string, ColumnRule>;
}

/** Folds all rules that match, later ones over earlier ones. Throws MAPPING_INVALID for a column that a rule of this very table invents. */
export function rulesOf(mapping: Mapping, table: TableMetadata): TableRules {
  const columns = new Map<string, ColumnRule>();
  const names = [...table.partitionKey, ...table.clustering, ...table.staticColumns, ...table.regularColumns].map((column) => column.name);
  const folded: { -readonly [K in keyof Omit<TableRule, NotFolded>]: TableRule[K] } = {};
  for (const rule of mapping.rules) {
    if (!matches(rule.table, `${table.keyspace}.${table.name}`)) continue;
    const { table: pattern, columns: columnRules = {}, source: _source, datacenter: _datacenter, target: _target, ...rest } = rule;
    Object.assign(folded, rest, rest.tags ? { tags: { ...folded.tags, ...rest.tags } } : {});
    for (const [name, columnRule] of Object.entries(columnRules)) {
      if (!names.includes(name)) {
        // A rule for many tables may name a column that only some of them have.
        if (/[*?]/.test(pattern)) continue;
        const guess = closestName(name, names);
        throw dynamodbError('MAPPING_INVALID',
          `The rule for ${pattern} names the column "${name}", which ${qualifiedName(table)} does not have (${guess === undefined ? `it has ${names.join(', ')}` : `did you mean "${guess}"?`})`);
      }
      columns.set(name, { ...columns.get(name), ...columnRule });
    }
  }
  return { ...folded, columns };
}

/** True when a pattern with `*` and `?` covers the whole name. */
export function matches(pattern: string, name: string): boolean {
  return matcherOf(pattern)(name);
}

/** `matches` for one pattern and many names. */
export function matcherOf(pattern: string): (name: string) => boolean {
  const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '[^.]*').replaceAll('?', '[^.]');
  const whole = new RegExp(`^${source}$`, 'u');
  return (name) => whole.test(name);
}
