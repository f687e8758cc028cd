// The workflow on the engine: one object for each turn of a task and one for each of its tables, which send themselves messages. Handlers
// are short and hold nothing: each asks the server for one little step and writes down what follows. A new turn has objects of its own, so
// whatever became of the messages of an earlier one, or of another version of the server, is in nobody's way.

import { createServer } from 'node:http2';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import * as restate from '@restatedev/restate-sdk';
import { serverError } from '../errors.ts';
import type { Engine } from './engine.ts';
import type { Next, Tasks } from './tasks.ts';

const TASK = 'task';
const TABLE = 'table';
const GO = 'go';

interface Message {
  /** A call in between, that is not followed by others. */
  readonly isOnce?: boolean;
}

const OPTIONS = {
  journalRetention: { days: 0 },
  idempotencyRetention: { days: 0 },
  // A message that cannot be worked off (of another version, say) goes: whoever misses it begins a new turn (tasks.ts).
  retryPolicy: { initialInterval: { milliseconds: 50 }, maxInterval: { seconds: 2 }, maxAttempts: 20, onMaxAttempts: 'kill' },
} as const;

/** First message of a turn. Throws ENGINE_UNREACHABLE, also while there is no engine yet. */
export async function wake(engine: Engine | undefined, taskId: string, turn: number): Promise<void> {
  if (engine === undefined) throw serverError('ENGINE_UNREACHABLE', 'The workflow engine is being started');
  await engine.send(TASK, `${taskId}/${turn}`, GO, {} satisfies Message);
}

/** The handlers, on a port of this machine that answers only what the engine has signed. */
export class WorkflowEndpoint {
  readonly uri: string;
  readonly #server: Http2Server;
  readonly #sessions: Set<ServerHttp2Session>;

  private constructor(server: Http2Server, sessions: Set<ServerHttp2Session>) {
    this.uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    this.#server = server;
    this.#sessions = sessions;
  }

  static async open(tasks: Tasks, identity: string): Promise<WorkflowEndpoint> {
    const handler = restate.createEndpointHandler({ services: [taskObject(tasks), tableObject(tasks)], identityKeys: [identity], logger: () => {} });
    const server = createServer(handler);
    const sessions = new Set<ServerHttp2Session>();
    server.on('session', (session) => {
      sessions.add(session);
      session.on('close', () => sessions.delete(session));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new WorkflowEndpoint(server, sessions);
  }

  /** Tells the engine where the handlers are now: one deployment, whose address changes with every start. */
  async announce(engine: Engine): Promise<void> {
    const { deployments } = await engine.admin('GET', '/deployments') as { readonly deployments: readonly { readonly id: string }[] };
    if (deployments.length === 0) await engine.admin('POST', '/deployments', { uri: this.uri });
    else await engine.admin('PATCH', `/deployments/${deployments[0]!.id}`, { uri: this.uri, overwrite: true });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    for (const session of this.#sessions) session.destroy();
    await closed;
  }
}

/** Its key is `<task>/<turn>`. */
function taskObject(tasks: Tasks) {
  return restate.object({
    name: TASK,
    handlers: {
      [GO]: async (context: restate.ObjectContext, { isOnce }: Message): Promise<void> => {
        const [taskId, turn] = context.key.split('/');
        const sent = await context.get<number[]>('tables') ?? [];
        const { next, tables } = await context.run('move', () => tasks.moveTask(taskId, Number(turn)));
        const fresh = tables.filter((table) => !sent.includes(table));
        for (const table of fresh) send(context, TABLE, `${context.key}/${table}`, {});
        if (next === 'ended') context.clearAll();
        else if (fresh.length > 0) context.set('tables', [...sent, ...fresh]);
        if (isOnce !== true) again(context, TASK, next);
      },
    },
    options: OPTIONS,
  });
}

/** Its key is `<task>/<turn>/<table>`. */
function tableObject(tasks: Tasks) {
  return restate.object({
    name: TABLE,
    handlers: {
      [GO]: async (context: restate.ObjectContext): Promise<void> => {
        const [taskId, turn, table] = context.key.split('/');
        const next = await context.run('move', () => tasks.moveTable(taskId, Number(table), Number(turn)));
        again(context, TABLE, next);
        // The task begins the next table, or ends.
        if (next === 'ended') send(context, TASK, `${taskId}/${turn}`, { isOnce: true });
      },
    },
    options: OPTIONS,
  });
}

function again(context: restate.ObjectContext, service: string, next: Next): void {
  if (next !== 'ended') send(context, service, context.key, {}, next.afterMillis);
}

function send(context: restate.ObjectContext, service: string, key: string, message: Message, afterMillis = 0): void {
  context.genericSend({
    service, key, method: GO, parameter: message, inputSerde: restate.serde.json, ...(afterMillis > 0 ? { delay: { milliseconds: Math.ceil(afterMillis) } } : {}),
  });
}
