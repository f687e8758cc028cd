// Projects as users see them: files, the connections that they define, what these need of secrets, and what is connected.

import { dirname, resolve } from 'node:path';
import { CodedError } from '@aeneas/cassandra';
import type { LoadedTable } from '@aeneas/cassandra';
import type { ConnectionSecrets, ConnectionSide, ConnectionTest, ConnectionTree, ProjectDetails, ProjectSummary, SavedAwsProfile, SecretName, SourceConnection, TargetConnection, TreeNode } from '@aeneas/protocol';
import { SECRET_NAMES } from '@aeneas/protocol';
import { refusalOf } from '../control/refusal.ts';
import { serverError } from '../errors.ts';
import { renameInRules } from '../mapping/rule-list.ts';
import type { ProjectDraft } from '../project.ts';
import { sharedProfileNames } from '../settings/aws-credentials.ts';
import type { AwsProfiles } from '../settings/aws-profiles.ts';
import type { Secrets } from '../vault/secrets.ts';
import { testCassandra } from './cassandra-connection.ts';
import { Connections } from './connections.ts';
import type { ItemKind } from './connections.ts';
import { testDynamo } from './dynamodb-target.ts';
import { connectionList, ProjectStore } from './project-store.ts';
import type { StoredProject } from './project-store.ts';
import { openDirectories, sstableTree } from './sstable-tree.ts';
import { Steps } from './steps.ts';

const NEW_PROJECT = '# A project of Aeneas: docs/USAGE.md and docs/schema/project.schema.json describe every key. Secrets have no place here.\nconnections: {}\n';

interface Options {
  readonly workspace: string;
  readonly secrets: Secrets;
  readonly awsProfiles: AwsProfiles;
  /** Project files of which there are tasks. */
  readonly filesInUse: () => readonly string[];
  /** Ends what goes on with a project. */
  readonly beforeDeletion?: (name: string) => Promise<void>;
  /** The log of the server. */
  readonly log: (kind: string, text: string) => void;
}

interface Place {
  readonly name: string;
  readonly side: ConnectionSide;
  readonly connection: string;
}

export class Projects {
  readonly store: ProjectStore;
  readonly #connections = new Connections();
  readonly #options: Options;

  readonly #find = (name: string) => this.#options.awsProfiles.use(name);

  constructor(options: Options) {
    this.#options = options;
    this.store = new ProjectStore(options.workspace);
  }

  async list(): Promise<ProjectSummary[]> {
    return Promise.all((await this.store.list()).map(async ({ name, path, isManaged }) => {
      try {
        const { draft, modifiedMillis } = await this.store.read(name);
        if (draft instanceof CodedError) return { name, path, isManaged, modifiedMillis, sources: 0, targets: 0, problem: refusalOf(draft) };
        return { name, path, isManaged, modifiedMillis, sources: draft.connections.sources.length, targets: draft.connections.targets.length, ...associated(draft) };
      } catch (error) {
        return { name, path, isManaged, modifiedMillis: 0, sources: 0, targets: 0, problem: refusalOf(error) };
      }
    }));
  }

  async get(name: string): Promise<ProjectDetails> {
    return this.#details(await this.store.read(name));
  }

  async create(name: string, text = NEW_PROJECT): Promise<ProjectDetails> {
    const project = await this.store.create(name, text);
    this.#options.log('project-created', `Project ${name}`);
    return this.#details(project);
  }

  async open(path: string): Promise<ProjectDetails> {
    return this.#details(await this.store.open(path));
  }

  async save(name: string, version: string, text: string): Promise<ProjectDetails> {
    return this.#details(await this.store.save(name, version, text));
  }

  async close(name: string): Promise<void> {
    const project = await this.store.read(name);
    this.#connections.close(`${name}/`);
    await this.#forget(project, 'memory');
    if (!project.isManaged) await this.store.forget(name);
  }

  async export(name: string): Promise<{ fileName: string; text: string }> {
    return { fileName: `${name}.yaml`, text: await this.store.export(name) };
  }

  async deletion(name: string): Promise<{ goes: string[]; stays: string[] }> {
    const project = await this.store.read(name);
    const stored = this.#secretsOf(project).filter((key) => this.#options.secrets.placeOf(key) !== undefined).length;
    return {
      goes: [
        `The project file ${project.path}`, ...(await this.store.besides(project)).map((path) => `${path}, with all that is in it`),
        ...(stored === 0 ? [] : [`${stored} ${stored === 1 ? 'secret' : 'secrets'} of its connections`]),
      ],
      stays: ['The Cassandra clusters and files that it names, and the tables in DynamoDB: nothing is changed there'],
    };
  }

  /** Throws PROJECT_UNKNOWN, PROJECT_IN_USE. */
  async delete(name: string): Promise<void> {
    const project = await this.store.read(name);
    if (this.#options.filesInUse().includes(project.path)) throw serverError('PROJECT_IN_USE', `There is a task of ${project.path}`);
    await this.#options.beforeDeletion?.(name);
    this.#connections.close(`${name}/`);
    await this.#forget(project, 'all');
    await this.store.delete(name);
    this.#options.log('project-deleted', `Project ${name}, ${project.path}`);
  }

  /** What "Copy from AWS profile" offers. */
  async awsProfiles(): Promise<{ service: Pick<SavedAwsProfile, 'name' | 'region' | 'keys'>[]; shared: string[] }> {
    const service = (await this.#options.awsProfiles.list()).map(({ name, region, keys }) => ({ name, region, keys }));
    return { service, shared: await sharedProfileNames() };
  }

  /** Throws AWS_PROFILE_UNKNOWN, PROJECT_STALE. */
  async setAwsServiceProfile(name: string, version: string, profile: string | null): Promise<ProjectDetails> {
    if (profile !== null) await this.#options.awsProfiles.use(profile);
    return this.#details(await this.store.change(name, version, (document) => {
      if (profile === null) document.delete('awsServiceProfile');
      else document.set('awsServiceProfile', profile);
    }));
  }

  async testSource(name: string, connection: SourceConnection, given: ConnectionSecrets): Promise<ConnectionTest> {
    const { path } = await this.store.read(name);
    const source = placed(connection, path);
    if (source.kind === 'cassandra') return testCassandra(source, this.#withKnown(name, 'sources', source, given));
    const steps = new Steps();
    await steps.run('files', async () => {
      const value = sstableTree(await openDirectories(source)).filter(({ kind }) => kind === 'table').length;
      return { value, said: `${value} tables` };
    });
    return steps.result();
  }

  async testTarget(name: string, target: TargetConnection, given: ConnectionSecrets): Promise<ConnectionTest> {
    await this.store.read(name);
    return testDynamo(target, this.#withKnown(name, 'targets', target, given), this.#find);
  }

  /** Adds a connection, or changes the one that it replaces. Secrets that were typed are kept: in the vault when that is wanted, else until the project is closed. */
  async saveConnection(name: string, version: string, side: ConnectionSide, connection: SourceConnection | TargetConnection, secrets: ConnectionSecrets, replaces?: string): Promise<ProjectDetails> {
    const project = await this.store.change(name, version, (document, draft) => {
      const before = draft.connections[side];
      const at = replaces === undefined ? before.length : before.findIndex((one) => one.name === replaces);
      if (at < 0) throw serverError('CONNECTION_UNKNOWN', `There is no connection ${replaces}`);
      if (before.some((one, i) => one.name === connection.name && i !== at)) throw serverError('CONNECTION_EXISTS', `There is a connection ${connection.name} already`);
      connectionList(document, side).items[at] = document.createNode(bare(connection));
      if (replaces !== undefined && replaces !== connection.name) renameInRules(document, side === 'sources' ? 'source' : 'target', replaces, connection.name);
    });
    if (replaces !== undefined) {
      this.#connections.close(keyOf({ name, side, connection: replaces }));
      if (replaces !== connection.name) for (const secret of SECRET_NAMES) await this.#rename(secretKey({ name, side, connection: replaces }, secret), secretKey({ name, side, connection: connection.name }, secret), storesSecrets(connection));
    }
    await this.#keep({ name, side, connection: connection.name }, secrets, storesSecrets(connection));
    return this.#details(project);
  }

  async removeConnection(place: Place, version: string): Promise<ProjectDetails> {
    const { name, side, connection } = place;
    const project = await this.store.change(name, version, (document, draft) => {
      const at = draft.connections[side].findIndex((one) => one.name === connection);
      if (at < 0) throw serverError('CONNECTION_UNKNOWN', `There is no connection ${connection}`);
      connectionList(document, side).items.splice(at, 1);
    });
    this.#connections.close(keyOf(place));
    for (const secret of SECRET_NAMES) await this.#drop(secretKey(place, secret));
    return this.#details(project);
  }

  /** Connects and reads. Secrets that were typed and worked are kept as the connection says. */
  async connect(place: Place, given: ConnectionSecrets): Promise<ConnectionTree> {
    const { name, side } = place;
    const project = await this.store.read(name);
    const connection = this.#connection(project, place);
    const secrets = this.#withKnown(name, side, connection, given);
    const missing = needsOf(connection).filter((secret) => secrets[secret] === undefined);
    if (missing.length > 0) throw serverError('CONNECTION_SECRET_NEEDED', `To be typed: ${missing.map((secret) => SECRET_TEXT[secret]).join(', ')}`);
    const tree = 'kind' in connection ? await this.#connections.connectSource(keyOf(place), connection, secrets) : await this.#connections.connectTarget(keyOf(place), connection, secrets, this.#find);
    await this.#keep(place, given, storesSecrets(connection));
    return tree;
  }

  disconnect(place: Place): void {
    this.#connections.close(keyOf(place));
  }

  isConnected(place: Place): boolean {
    return this.#connections.isConnected(keyOf(place));
  }

  tree(place: Place): ConnectionTree {
    return this.#connections.get(keyOf(place)).tree;
  }

  describe(place: Place, kind: ItemKind, keyspace: string, item: string): Promise<TreeNode[]> {
    return this.#connections.get(keyOf(place)).describe(kind, keyspace, item);
  }

  /** The schema of a table of a source; of files, its SSTables too. Throws CONNECTION_CLOSED, SOURCE_*, TABLE_*, SCHEMA_*, SSTABLE_*. */
  loadTable({ name, connection }: Pick<Place, 'name' | 'connection'>, keyspace: string, table: string): Promise<LoadedTable> {
    return this.#connections.get(keyOf({ name, side: 'sources', connection })).load!(keyspace, table);
  }

  closeAll(): void {
    this.#connections.close('');
  }

  #details({ draft, text, version, name, path, isManaged, modifiedMillis }: StoredProject): ProjectDetails {
    const base = { name, path, isManaged, modifiedMillis, version, text };
    if (draft instanceof CodedError) return { ...base, sources: [], targets: [], problem: refusalOf(draft) };
    const state = (side: ConnectionSide, connection: SourceConnection | TargetConnection) => {
      const secrets = this.#withKnown(name, side, connection, {});
      return { isConnected: this.#connections.isConnected(keyOf({ name, side, connection: connection.name })), needs: needsOf(connection).filter((secret) => secrets[secret] === undefined) };
    };
    return {
      ...base, ...associated(draft),
      sources: draft.connections.sources.map((connection) => ({ connection, ...state('sources', connection) })),
      targets: draft.connections.targets.map((connection) => ({ connection, ...state('targets', connection) })),
    };
  }

  #connection({ draft, path }: StoredProject, { side, connection }: Place): SourceConnection | TargetConnection {
    if (draft instanceof CodedError) throw draft;
    const found = side === 'sources' ? draft.connections.sources.find(({ name }) => name === connection) : draft.connections.targets.find(({ name }) => name === connection);
    if (found === undefined) throw serverError('CONNECTION_UNKNOWN', `There is no connection ${connection}`);
    return 'kind' in found ? placed(found, path) : found;
  }

  #withKnown(name: string, side: ConnectionSide, connection: SourceConnection | TargetConnection, given: ConnectionSecrets): ConnectionSecrets {
    const known = needsOf(connection).map((secret) => [secret, given[secret] ?? this.#options.secrets.get(secretKey({ name, side, connection: connection.name }, secret))] as const);
    return Object.fromEntries(known.filter(([, value]) => value !== undefined));
  }

  async #keep(place: Place, secrets: ConnectionSecrets, store: boolean): Promise<void> {
    for (const secret of SECRET_NAMES) {
      const value = secrets[secret];
      if (value !== undefined) await this.#options.secrets.set(secretKey(place, secret), value, { store });
    }
  }

  async #rename(from: string, to: string, store: boolean): Promise<void> {
    const value = this.#options.secrets.get(from);
    if (value === undefined) return;
    await this.#options.secrets.set(to, value, { store });
    await this.#options.secrets.delete(from);
  }

  async #drop(key: string): Promise<void> {
    if (this.#options.secrets.placeOf(key) !== undefined) await this.#options.secrets.delete(key);
  }

  async #forget(project: StoredProject, where: 'memory' | 'all'): Promise<void> {
    for (const key of this.#secretsOf(project)) if (where === 'all' || this.#options.secrets.placeOf(key) === 'memory') await this.#drop(key);
  }

  #secretsOf({ name, draft }: StoredProject): string[] {
    if (draft instanceof CodedError) return [];
    return (['sources', 'targets'] as const).flatMap((side) => draft.connections[side].flatMap((connection) => SECRET_NAMES.map((secret) => secretKey({ name, side, connection: connection.name }, secret))));
  }
}

function associated({ awsServiceProfile }: ProjectDraft): { awsServiceProfile?: string } {
  return awsServiceProfile === undefined ? {} : { awsServiceProfile };
}

const SECRET_TEXT: Readonly<Record<SecretName, string>> = { password: 'password', trustStorePassword: 'password of the trust store', keyStorePassword: 'password of the key store', secretKey: 'AWS secret key' };

/** The secrets that a connection cannot do without. */
function needsOf(connection: SourceConnection | TargetConnection): SecretName[] {
  if (!('kind' in connection)) return connection.accessKey === undefined ? [] : ['secretKey'];
  if (connection.kind === 'sstables') return [];
  const { userName, ssl } = connection;
  return [...(userName === undefined ? [] : ['password' as const]), ...(ssl?.trustStore === undefined ? [] : ['trustStorePassword' as const]), ...(ssl?.keyStore === undefined ? [] : ['keyStorePassword' as const])];
}

function storesSecrets(connection: SourceConnection | TargetConnection): boolean {
  return 'storePassword' in connection && connection.storePassword;
}

/** Directories are relative to the project file. */
function placed(connection: SourceConnection, path: string): SourceConnection {
  if (connection.kind === 'cassandra') return connection;
  const from = (relative: string): string => resolve(dirname(path), relative);
  return { ...connection, directories: connection.directories.map(from), ...(connection.schema === undefined ? {} : { schema: from(connection.schema) }) };
}

/** Without what is as it would be anyway. */
function bare(connection: SourceConnection | TargetConnection): object {
  return Object.fromEntries(Object.entries(connection).filter(([key, value]) => value !== undefined && !(key === 'storePassword' && value === false)));
}

function keyOf({ name, side, connection }: Place): string {
  return `${name}/${side}/${connection}/`;
}

function secretKey({ name, side, connection }: Place, secret: SecretName): string {
  return `project/${name}/${side}/${connection}/${secret}`;
}
