// Which projects use which AWS service profile. Project files say so, and nothing else does.

import { CodedError } from '@aeneas/cassandra';
import type { ProjectStore } from './project-store.ts';

/** Names of projects, by the name of the profile. A project that cannot be read uses none. */
export async function profileUses(store: ProjectStore): Promise<Map<string, string[]>> {
  const uses = new Map<string, string[]>();
  for (const { name } of await store.list()) {
    const project = await store.read(name).catch(() => undefined);
    if (project === undefined || project.draft instanceof CodedError) continue;
    const { awsServiceProfile, target, connections } = project.draft;
    const named = [awsServiceProfile, target?.awsServiceProfile, ...connections.targets.map((connection) => connection.awsServiceProfile)];
    for (const profile of new Set(named)) if (profile !== undefined) uses.set(profile, [...uses.get(profile) ?? [], name]);
  }
  return uses;
}
