// The app's contract, answered. What users may ask is in tasks.ts and agents.ts; this only translates.

import { CodedError } from '@aeneas/cassandra';
import { APP_PROTOCOL_VERSION, appContract } from '@aeneas/protocol';
import { OpenAPIGenerator } from '@orpc/openapi';
import { OpenAPIHandler } from '@orpc/openapi/node';
import { implement, ORPCError } from '@orpc/server';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { assessmentRouter } from '../assessment/api.ts';
import type { AssessmentRuns } from '../assessment/assessment-runs.ts';
import { mappingRouter } from '../mapping/api.ts';
import type { MappingRules } from '../mapping/mapping-rules.ts';
import { projectRouter } from '../projects/api.ts';
import type { Projects } from '../projects/projects.ts';
import type { Agents } from './agents.ts';
import type { Engine } from './engine.ts';
import { appEvents, taskEvents } from './events.ts';
import { settingsRouters } from '../settings/api.ts';
import type { GlobalSettings } from '../settings/global-settings.ts';
import type { Tasks } from './tasks.ts';
import { prerequisitesRouter } from '../prerequisites/api.ts';

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  TASK_UNKNOWN: 404, TASK_STATE: 409, TASK_EXISTS: 409, AGENT_UNKNOWN: 404, AGENT_EXISTS: 409, AGENT_IN_USE: 409, ENGINE_UNREACHABLE: 503,
};

export interface ApiOptions {
  readonly tasks: Tasks;
  readonly agents: Agents;
  readonly projects: Projects;
  readonly mapping: MappingRules;
  readonly assessments: AssessmentRuns;
  readonly engine: () => Engine | undefined;
  readonly settings: GlobalSettings;
  readonly version: string;
}

export function apiHandler(options: ApiOptions) {
  return new OpenAPIHandler(router(options));
}

/** The API's description in OpenAPI 3.1. */
export function openApi(version: string): Promise<unknown> {
  return new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] }).generate(appContract, {
    info: { title: 'Aeneas', version, description: 'Migrates Apache Cassandra to Amazon DynamoDB. Every error has a code of docs/ERRORS.md and says what to do.' },
    servers: [{ url: '/api' }],
  });
}

function router({ tasks, agents, projects, mapping, assessments, engine, settings, version }: ApiOptions) {
  const startedMillis = Date.now();
  const api = implement(appContract).use(async ({ next }) => {
    try {
      return await next();
    } catch (error) {
      throw error instanceof CodedError ? told(error) : error;
    }
  });
  const server = () => {
    const { state = 'starting' as const, restarts = 0, processId } = engine() ?? {};
    const { lastStepMillis } = tasks;
    return {
      version, protocolVersion: APP_PROTOCOL_VERSION, startedMillis, processId: process.pid,
      engine: { state, restarts, ...(processId === undefined ? {} : { processId }), ...(lastStepMillis === undefined ? {} : { lastStepMillis }) },
    };
  };
  const overview = () => ({ type: 'overview' as const, server: server(), tasks: tasks.list(), agents: agents.list() });
  return api.router({
    ...settingsRouters(settings),
    projects: projectRouter(projects),
    assessment: assessmentRouter(assessments),
    mapping: mappingRouter(mapping),
    server: api.server.handler(server),
    events: api.events.handler(({ input: { task }, lastEventId, signal }) => {
      // An unknown task is an answer of its own, not a stream that breaks.
      if (task !== undefined) tasks.get(task);
      return appEvents({ tasks, overview }, task, lastEventId === undefined ? undefined : Number(lastEventId), signal);
    }),
    log: api.log.handler(({ input: { task, limit } }) => tasks.log(limit, task)),
    tasks: {
      list: api.tasks.list.handler(() => tasks.list()),
      get: api.tasks.get.handler(({ input }) => tasks.get(input.id)),
      create: api.tasks.create.handler(({ input }) => tasks.create(input)),
      start: api.tasks.start.handler(({ input }) => tasks.start(input.id)),
      stop: api.tasks.stop.handler(({ input }) => tasks.stop(input.id)),
      resume: api.tasks.resume.handler(({ input }) => tasks.resume(input.id)),
      delete: api.tasks.delete.handler(async ({ input }) => {
        await tasks.delete(input.id);
        return {};
      }),
      events: api.tasks.events.handler(({ input: { id }, lastEventId, signal }) => {
        tasks.get(id);
        return taskEvents(tasks, id, Number(lastEventId ?? 0), signal);
      }),
    },
    agents: {
      list: api.agents.list.handler(() => agents.details()),
      get: api.agents.get.handler(({ input }) => agents.detail(input.name)),
      register: api.agents.register.handler(({ input: { secrets, description = '', ...entry } }) => agents.register({ ...entry, description }, secrets)),
      test: api.agents.test.handler(({ input: { url, credentials, secrets } }) => agents.test(url, credentials, secrets)),
      change: api.agents.change.handler(({ input: { name, ...change } }) => agents.change(name, change)),
      throttle: api.agents.throttle.handler(({ input: { name, ...change } }) => agents.throttle(name, change)),
      unregister: api.agents.unregister.handler(async ({ input }) => {
        await agents.unregister(input.name);
        return {};
      }),
    },
    prerequisites: prerequisitesRouter(api),
  });
}

function told(error: CodedError): Error {
  const { code, message, remedy } = error;
  const status = STATUS_OF_CODE[code];
  return status === undefined ? new ORPCError('REFUSED', { status: 422, message, data: { remedy, code }, cause: error }) : new ORPCError(code, { status, message, data: { remedy }, cause: error });
}
