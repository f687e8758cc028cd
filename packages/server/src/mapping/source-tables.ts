// The tables of a source by name, from the tree that was read when it was connected.

import { isChosen, isSystemKeyspace } from '@aeneas/agent';
import { matcherOf } from '@aeneas/dynamodb';
import type { MappingMatches, TreeNode } from '@aeneas/protocol';

/** A page offers no more to choose from. */
const NAMED = 1_000;

export interface SourceTables {
  /** keyspace.table, in order; neither views nor tables of the system. */
  readonly names: readonly string[];
  readonly datacenters: readonly string[];
  /** How a keyspace is replicated, as the tree says it. */
  readonly replication: ReadonlyMap<string, string>;
}

export function sourceTables(nodes: readonly TreeNode[]): SourceTables {
  const names: string[] = [];
  const datacenters: string[] = [];
  const replication = new Map<string, string>();
  let keyspace = '';
  for (const { kind, name, detail } of nodes) {
    if (kind === 'datacenter') datacenters.push(name);
    if (kind === 'keyspace') {
      keyspace = name;
      replication.set(name, detail ?? '');
    }
    if (kind === 'table' && !isSystemKeyspace(keyspace)) names.push(`${keyspace}.${name}`);
  }
  return { names, datacenters, replication };
}

/** The tables that a rule is for. With a datacenter: those whose keyspace has replicas there. */
export function tablesOfRule({ names, replication }: SourceTables, { table, datacenter }: { readonly table: string; readonly datacenter?: string | undefined }): string[] {
  const matches = matcherOf(table);
  return names.filter((name) => matches(name) && (datacenter === undefined || isReplicatedTo(replication.get(name.slice(0, name.indexOf('.'))) ?? '', datacenter)));
}

/** @param patterns of the project's "tables". */
export function matchesOf(tables: SourceTables, rule: { readonly table: string; readonly datacenter?: string | undefined }, patterns: readonly string[]): MappingMatches {
  const found = tablesOfRule(tables, rule);
  return {
    tables: tables.names.length, matching: found.length, names: found.slice(0, NAMED),
    leftOut: found.filter((name) => !isChosen(name, patterns)).length, datacenters: [...tables.datacenters],
  };
}

/** Only NetworkTopologyStrategy names datacenters; the others put replicas anywhere. */
function isReplicatedTo(replication: string, datacenter: string): boolean {
  const [strategy, ...options] = replication.split(', ');
  return strategy !== 'NetworkTopologyStrategy' || options.some((option) => option.startsWith(`${datacenter} `) && !/ 0(?:\/|$)/.test(option));
}
