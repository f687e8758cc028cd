// The contract of projects, answered. This only translates.

import { projectContract } from '@aeneas/protocol';
import { implement } from '@orpc/server';
import type { Projects } from './projects.ts';

export function projectRouter(projects: Projects) {
  const api = implement(projectContract);
  const nothing = async (work: Promise<void>): Promise<Record<string, never>> => {
    await work;
    return {};
  };
  return api.router({
    list: api.list.handler(() => projects.list()),
    get: api.get.handler(({ input }) => projects.get(input.name)),
    create: api.create.handler(({ input: { name, text } }) => projects.create(name, text)),
    open: api.open.handler(({ input }) => projects.open(input.path)),
    save: api.save.handler(({ input: { name, version, text } }) => projects.save(name, version, text)),
    close: api.close.handler(({ input }) => nothing(projects.close(input.name))),
    export: api.export.handler(({ input }) => projects.export(input.name)),
    deletion: api.deletion.handler(({ input }) => projects.deletion(input.name)),
    delete: api.delete.handler(({ input }) => nothing(projects.delete(input.name))),
    awsProfiles: api.awsProfiles.handler(() => projects.awsProfiles()),
    setAwsServiceProfile: api.setAwsServiceProfile.handler(({ input: { name, version, profile } }) => projects.setAwsServiceProfile(name, version, profile)),
    testSource: api.testSource.handler(({ input: { name, connection, secrets } }) => projects.testSource(name, connection, secrets)),
    testTarget: api.testTarget.handler(({ input: { name, connection, secrets } }) => projects.testTarget(name, connection, secrets)),
    saveSource: api.saveSource.handler(({ input: { name, version, connection, secrets, replaces } }) => projects.saveConnection(name, version, 'sources', connection, secrets, replaces)),
    saveTarget: api.saveTarget.handler(({ input: { name, version, connection, secrets, replaces } }) => projects.saveConnection(name, version, 'targets', connection, secrets, replaces)),
    removeConnection: api.removeConnection.handler(({ input: { version, ...place } }) => projects.removeConnection(place, version)),
    connect: api.connect.handler(({ input: { secrets, ...place } }) => projects.connect(place, secrets)),
    disconnect: api.disconnect.handler(({ input }) => {
      projects.disconnect(input);
      return {};
    }),
    tree: api.tree.handler(({ input }) => projects.tree(input)),
    describe: api.describe.handler(({ input: { kind, keyspace = '', item, ...place } }) => projects.describe(place, kind, keyspace, item)),
  });
}
