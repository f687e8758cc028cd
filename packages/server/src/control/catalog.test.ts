// What the server knows, over restarts and versions.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Catalog } from './catalog.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aeneas-catalog-'));
  path = join(folder, 'catalog.sqlite');
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const TASK = { name: 'shop', projectFile: '/p.yaml', workspace: '/w', agents: [], nowSeconds: undefined };
const pass = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1_000);

test('a server keeps its name', () => {
  const first = Catalog.open(path);
  const { serverId } = first;
  first.close();
  const second = Catalog.open(path);
  expect(serverId).toMatch(/^[0-9a-f]{12}$/);
  expect(second.serverId).toBe(serverId);
  second.close();
});

test('the time of a task without what it was stopped, and without what there was no server', () => {
  let catalog = Catalog.open(path);
  const { id } = catalog.addTask(TASK);
  catalog.setState(id, 'running');
  pass(10);
  catalog.countElapsed();
  pass(2);
  expect(catalog.task(id).elapsedMillis).toBe(12_000);
  // As if killed: the two seconds that nobody counted are lost.
  catalog.close();
  pass(3_600);
  catalog = Catalog.open(path);
  pass(5);
  expect(catalog.task(id).elapsedMillis).toBe(15_000);
  catalog.setState(id, 'stopped');
  pass(100);
  catalog.setState(id, 'running');
  pass(1);
  catalog.setState(id, 'done');
  pass(100);
  expect(catalog.task(id)).toMatchObject({ state: 'done', elapsedMillis: 16_000 });
  catalog.close();
});

test('a catalog of a later version is refused as it is', () => {
  Catalog.open(path).close();
  const database = new DatabaseSync(path);
  database.exec('pragma user_version = 99');
  database.close();
  expect(() => Catalog.open(path)).toThrow(expect.objectContaining({ code: 'WORKSPACE_NEWER' }) as Error);
  expect(() => Catalog.open(path)).toThrow(expect.objectContaining({ code: 'WORKSPACE_NEWER' }) as Error);
});

test('a catalog of version 1 is taken over, with its agents', () => {
  const agent = { name: 'one', url: 'https://10.0.0.5:8080', description: 'Rack 1', credentials: { passwordFile: '/p' } };
  const before = Catalog.open(path);
  before.addAgent(agent);
  before.close();
  const database = new DatabaseSync(path);
  database.exec('alter table agent drop column description; pragma user_version = 1');
  database.close();
  const catalog = Catalog.open(path);
  expect(catalog.agents()).toEqual([{ ...agent, description: '' }]);
  catalog.setAgent(agent);
  expect(catalog.agents()).toEqual([agent]);
  catalog.close();
});
