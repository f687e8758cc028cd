// What an agent remembers over a restart: who it is, who may ask it, how fast it may go. One SQLite file in its output folder, held
// alone by the process that runs. The service password is in it as a salted scrypt hash, and the key of a self-made certificate.

import { randomUUID } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Throttles } from '@aeneas/protocol';
import { agentError } from '../errors.ts';
import { makeFolder } from '../local-file.ts';

const PRIVATE_FILE = 0o600;
const SQLITE_BUSY = 5;

export interface SelfMadeCertificate {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly fingerprint: string;
}

interface Values {
  'agent-id': string;
  throttles: Throttles;
  'password-hash': string;
  certificate: SelfMadeCertificate;
}

export class AgentState {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Throws AGENT_LOCKED, AGENT_STATE_UNUSABLE. */
  static async open(outputDirectory: string): Promise<AgentState> {
    await makeFolder(outputDirectory);
    const file = join(outputDirectory, 'agent.sqlite');
    try {
      const database = new DatabaseSync(file, { timeout: 0 });
      chmodSync(file, PRIVATE_FILE);
      database.exec(`pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full; begin immediate;
        create table if not exists setting (name text primary key, value text not null) without rowid;
        create table if not exists server (id text primary key) without rowid; commit`);
      const state = new AgentState(database);
      if (state.get('agent-id') === undefined) state.set('agent-id', randomUUID());
      return state;
    } catch (error) {
      const { errcode, message } = error as Error & { readonly errcode?: number };
      if (errcode !== undefined && (errcode & 0xff) === SQLITE_BUSY) throw agentError('AGENT_LOCKED', 'The output folder is in use', { file }, error);
      throw agentError('AGENT_STATE_UNUSABLE', `The agent's state cannot be used: ${message}`, { file }, error);
    }
  }

  get<Name extends keyof Values>(name: Name): Values[Name] | undefined {
    const row = this.#database.prepare('select value from setting where name = ?').get(name);
    return row === undefined ? undefined : JSON.parse(String(row.value)) as Values[Name];
  }

  set<Name extends keyof Values>(name: Name, value: Values[Name]): void {
    this.#database.prepare('insert or replace into setting values (?, ?)').run(name, JSON.stringify(value));
  }

  knows(serverId: string): boolean {
    return this.#database.prepare('select 1 from server where id = ?').get(serverId) !== undefined;
  }

  addServer(serverId: string): void {
    this.#database.prepare('insert or ignore into server values (?)').run(serverId);
  }

  removeServer(serverId: string): void {
    this.#database.prepare('delete from server where id = ?').run(serverId);
  }

  close(): void {
    this.#database.close();
  }
}
