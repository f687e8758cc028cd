// `aeneas serve`: the catalog, the agents, the tasks, the engine and the API, started and stopped in their order.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { defaultWorkers, makeFolder } from '@aeneas/agent';
import { Agents } from './agents.ts';
import { Catalog } from './catalog.ts';
import { Engine } from './engine.ts';
import { engineIdentity } from './engine-identity.ts';
import { exposureOf, LOCALHOST } from './exposure.ts';
import type { Exposure } from './exposure.ts';
import { openHttpServer } from './http-server.ts';
import { AssessmentRuns } from '../assessment/assessment-runs.ts';
import { MappingRules } from '../mapping/mapping-rules.ts';
import { Projects } from '../projects/projects.ts';
import { AgentLogins } from '../agents/agent-logins.ts';
import { waysToAgents } from '../agents/connect.ts';
import { openGlobalSettings } from '../settings/global-settings.ts';
import { LocalAgent } from './local-agent.ts';
import { Page } from './page.ts';
import { withPatience } from './task-run.ts';
import { Tasks } from './tasks.ts';
import { wake, WorkflowEndpoint } from './workflow.ts';

const LEASE_SECONDS = 30;

export interface ServeOptions {
  readonly port: number;
  /** Who can reach it. Default: this machine alone. */
  readonly exposure?: Exposure | undefined;
  /** Folder of the catalog and the engine. */
  readonly workspace: string;
  /** Threads of the agent within the server. Default: one for each core. */
  readonly workers?: number | undefined;
  /** How long an agent that does not answer keeps its jobs. */
  readonly leaseSeconds?: number | undefined;
  /** Folder of the built web app, once it is there; undefined when it could not be built. Default: the API only. */
  readonly page?: Promise<string | undefined> | undefined;
}

export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the server. Throws SERVE_ADDRESS_UNUSABLE, SERVER_RUNNING, WORKSPACE_UNUSABLE, ENGINE_FAILED. */
export async function serve({ port, exposure = exposureOf({ host: LOCALHOST, hostNames: [] }), workspace, workers = defaultWorkers(), leaseSeconds = LEASE_SECONDS, page = Promise.resolve(undefined) }: ServeOptions): Promise<RunningServer> {
  const closing: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const engineFolder = join(workspace, 'engine');
    await makeFolder(engineFolder);
    const catalog = Catalog.open(join(workspace, 'catalog.sqlite'));
    closing.push(() => catalog.close());
    const settings = await openGlobalSettings(workspace);
    const { log } = settings.logging;
    closing.push(catalog.onLog(({ kind, text, task }) => log(/failed|not-opened|refused/.test(kind) ? 'warning' : 'info', kind, { text, ...(task === undefined ? {} : { task }) })));
    const builtIn = await LocalAgent.open(workers, join(workspace, 'agent'));
    const agents = new Agents(catalog, builtIn, waysToAgents(new AgentLogins(settings.secrets, settings.security)));
    closing.push(() => agents.close());
    // One that hangs shall not hold up the start.
    await withPatience(agents.probe());

    const started: { engine?: Engine } = {};
    const tasks = new Tasks({ catalog, agents, builtIn, leaseSeconds, findServiceProfile: (name) => settings.awsProfiles.use(name), wake: (id, turn) => wake(started.engine, id, turn) });
    closing.push(() => tasks.close());
    const projects = new Projects({ workspace, secrets: settings.secrets, awsProfiles: settings.awsProfiles, filesInUse: () => catalog.tasks().map(({ projectFile }) => projectFile), beforeDeletion: (name) => assessments.end(name), log: (kind, text) => catalog.log(kind, text) });
    closing.push(() => projects.closeAll());
    const assessments = new AssessmentRuns({ projectFile: (name) => projects.store.read(name), workers, log: (kind, text) => catalog.log(kind, text) });
    closing.push(() => assessments.close());
    const mapping = new MappingRules(projects);
    closing.push(() => mapping.close());
    const identityFile = join(engineFolder, 'identity.pem');
    const endpoint = await WorkflowEndpoint.open(tasks, engineIdentity(identityFile));
    closing.push(() => endpoint.close());
    const http = await openHttpServer(port, exposure, { tasks, agents, projects, mapping, assessments, engine: () => started.engine, settings, version: version() }, page.then((folder) => (folder === undefined ? undefined : new Page(folder))));
    closing.push(() => {
      http.closeAllConnections();
      http.close();
    });
    const engine = await Engine.start(engineFolder, identityFile, (ready) => endpoint.announce(ready));
    started.engine = engine;
    closing.push(() => engine.stop());
    await tasks.takeUp();
    // AWS KMS may be slow, and nothing waits for it.
    void settings.vault.openUnattended();
    log('info', 'server-started', { version: version(), processId: process.pid });
    return { url: exposure.url((http.address() as AddressInfo).port), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }).version;
}
