// Which source and target the rules of a mapping name. A project is migrated from one source to one target, so all rules that name one must
// name the same; what a rule asks for and a migration could not hold to is refused.

import { isDeepStrictEqual } from 'node:util';
import { closestName } from '@aeneas/cassandra';
import type { Mapping } from '@aeneas/dynamodb';
import type { SourceConnection, TargetConnection } from '@aeneas/protocol';
import { serverError } from '../errors.ts';

/** What pairs are resolved against: a project file as it is. */
export interface PairedProject {
  readonly connections: { readonly sources: readonly SourceConnection[]; readonly targets: readonly TargetConnection[] };
  readonly source?: { readonly directories: readonly string[]; readonly datacenter?: string | undefined } | undefined;
  readonly target?: { readonly region: string; readonly endpoint?: string | undefined } | undefined;
}

export interface Pair {
  readonly source?: SourceConnection;
  readonly target?: TargetConnection;
}

/** The mapping as tables are planned with it. */
export function withoutPairs({ rules }: Mapping): Mapping {
  return { rules: rules.map(({ source: _source, datacenter: _datacenter, target: _target, ...rule }) => rule) };
}

/** The source and target that rules name. Throws PROJECT_INVALID when they name several, or what cannot be what is migrated. */
export function pairOf(mapping: Mapping, project: PairedProject, file: string): Pair {
  const refuse = (what: string): Error => serverError('PROJECT_INVALID', what, { file });
  const { connections, source: files, target: to } = project;
  const source = onlyOne(mapping, 'source', connections.sources, refuse);
  const target = onlyOne(mapping, 'target', connections.targets, refuse);
  if (source?.kind === 'sstables' && files !== undefined && !isDeepStrictEqual(source.directories, files.directories)) {
    throw refuse(`mapping rules name the source "${source.name}", but "source" has other directories: a project is migrated from one source. Leave out one of the two`);
  }
  if (target !== undefined && to !== undefined && (target.region !== to.region || target.endpoint !== to.endpoint)) {
    throw refuse(`mapping rules name the target "${target.name}", but "target" has another region or endpoint: a project is migrated to one target. Leave out one of the two`);
  }
  for (const { table, datacenter, source: named } of mapping.rules) {
    if (datacenter === undefined) continue;
    if (source?.kind !== 'cassandra' || named === undefined) throw refuse(`the mapping rule for ${table} names the datacenter "${datacenter}" without a source that is a cluster: files do not tell their datacenter`);
    if (files?.datacenter !== datacenter) {
      throw refuse(`the mapping rule for ${table} is for the datacenter "${datacenter}", but ${files?.datacenter === undefined ? 'the project does not say of which one its files are' : `the files are of "${files.datacenter}"`}: give the directories of its nodes, and their "datacenter", under "source"`);
    }
  }
  return { ...(source === undefined ? {} : { source }), ...(target === undefined ? {} : { target }) };
}

function onlyOne<T extends { readonly name: string }>({ rules }: Mapping, side: 'source' | 'target', connections: readonly T[], refuse: (what: string) => Error): T | undefined {
  const names = [...new Set(rules.flatMap((rule) => rule[side] ?? []))];
  if (names.length > 1) throw refuse(`mapping rules name the ${side}s ${names.map((name) => `"${name}"`).join(' and ')}, but a project is migrated ${side === 'source' ? 'from one source' : 'to one target'}: make a project for each`);
  const [name] = names;
  if (name === undefined) return undefined;
  const found = connections.find((connection) => connection.name === name);
  if (found !== undefined) return found;
  const known = connections.map((connection) => connection.name);
  const guess = closestName(name, known);
  throw refuse(`a mapping rule names the ${side} "${name}", which is not under "connections.${side}s" (${guess === undefined ? `there are ${known.join(', ') || 'none'}` : `did you mean "${guess}"?`})`);
}
