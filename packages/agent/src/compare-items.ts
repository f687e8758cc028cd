// Where sums differ, items are compared one by one: the target's of the differing ranges go into a temporary index on disk, the source's
// are looked up there, and what is left over is extra. Memory stays small whatever the ranges hold.

import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { FileSystem, TokenRange } from '@aeneas/cassandra';
import { canonicalItem, canonicalValue, planTable, targetError } from '@aeneas/dynamodb';
import type { CanonicalItem, CanonicalValue, TablePlan } from '@aeneas/dynamodb';
import { clientSettings } from './aws-client.ts';
import { decryptedValue, encryptedValue, newFileKey } from './encrypted-file.ts';
import { writeError } from './errors.ts';
import type { CompareJob, CompareResult, Difference, JobContext } from './job.ts';
import { openSource } from './open-source.ts';
import { isExpired } from './range-sums.ts';
import { forEachSourceItem } from './source-items.ts';
import { makeFolder } from './local-file.ts';
import { forEachTargetItem, RangeFinder } from './target-items.ts';

/** Runs a job of this kind: see CompareJob. */
export async function compareItems(job: CompareJob, context: JobContext): Promise<CompareResult> {
  const { files } = context;
  const plan = planTable(job.source.table, job.source.mapping);
  await makeFolder(job.spool);
  const folder = await mkdtemp(join(job.spool, 'compare-'));
  const index = new TargetIndex(join(folder, 'items.sqlite'), plan);
  try {
    const chosen = await chosenBy(job, plan, files);
    await forEachTargetItem(job.target, plan, 0, 1, context, (item) => {
      if (chosen(item)) index.add(item);
    });
    const differences = new Differences(job, plan);
    for (const range of job.ranges) {
      await forEachSourceItem(job.source, range, context, (item) => {
        const found = index.take(item);
        if (found === undefined) differences.missing(item);
        else if (!found) differences.different(item);
      });
    }
    for (const { key, count } of index.leftOver(job.maxNamed)) differences.extra(key, count);
    return await differences.result();
  } catch (error) {
    throw writeError(folder, error);
  } finally {
    index.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether a target's item lies in one of the ranges; keys that are not of this table's form are always looked at. */
async function chosenBy(job: CompareJob, plan: TablePlan, files: FileSystem): Promise<(item: CanonicalItem) => boolean> {
  const bounds = [...new Set(job.ranges.flatMap(({ start, end }: TokenRange) => [start, end].filter((bound) => bound !== undefined)))].sort((a, b) => (a < b ? -1 : 1));
  const chosen = new Set(job.ranges.map(({ start }) => (start === undefined ? 0 : bounds.indexOf(start) + 1)));
  const finder = new RangeFinder(plan, (await openSource(job.source, files)).partitioner, bounds);
  return (item) => {
    const range = finder.rangeOf(item);
    return range === undefined || chosen.has(range);
  };
}

/**
 * The target's items by key, with a digest of each. Nothing of them is on the disk in the clear: digests have a key, which is in memory
 * only, and keys, which are to be named when nobody takes them, are encrypted.
 */
class TargetIndex {
  readonly #fileKey = newFileKey();
  readonly #digestKey = newFileKey();
  readonly #database: DatabaseSync;
  readonly #plan: TablePlan;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #delete: StatementSync;

  constructor(path: string, plan: TablePlan) {
    this.#plan = plan;
    this.#database = new DatabaseSync(path);
    this.#database.exec('pragma journal_mode = off; pragma synchronous = off; create table item (id blob primary key, key blob not null, digest blob not null) without rowid; begin');
    this.#insert = this.#database.prepare('insert or replace into item values (?, ?, ?)');
    this.#select = this.#database.prepare('select digest from item where id = ?');
    this.#delete = this.#database.prepare('delete from item where id = ?');
  }

  add(item: CanonicalItem): void {
    const key = canonicalItem(keyOf(this.#plan, item));
    this.#insert.run(this.#digestOf(key), encryptedValue(this.#fileKey, Buffer.from(key)), this.#digestOf(canonicalItem(item)));
  }

  /** Takes out the item of the same key: whether it is equal, or undefined when there is none. */
  take(item: CanonicalItem): boolean | undefined {
    const id = this.#digestOf(canonicalItem(keyOf(this.#plan, item)));
    const digest = this.#select.get(id)?.digest as Uint8Array | undefined;
    if (digest === undefined) return undefined;
    this.#delete.run(id);
    return this.#digestOf(canonicalItem(item)).equals(digest);
  }

  /** Some keys of what nobody took; the last entry stands for all that are not named. */
  *leftOver(maxNamed: number): Iterable<{ readonly key: CanonicalItem; readonly count: number }> {
    const all = Number(this.#database.prepare('select count(*) as count from item').get()?.count);
    const rows = this.#database.prepare('select key from item limit ?').all(maxNamed);
    const keys = rows.map(({ key }) => decryptedValue(this.#fileKey, key as Uint8Array).toString()).sort();
    for (const [i, key] of keys.entries()) {
      yield { key: JSON.parse(key) as CanonicalItem, count: i === keys.length - 1 ? all - i : 1 };
    }
  }

  #digestOf(text: string): Buffer {
    return createHmac('sha256', this.#digestKey).update(text).digest();
  }

  close(): void {
    this.#database.close();
  }
}

/** Counts, and names the first few of each kind. */
class Differences {
  readonly #job: CompareJob;
  readonly #plan: TablePlan;
  readonly #counts = { missing: 0, extra: 0, different: 0, expired: 0 };
  readonly #named: Difference[] = [];
  readonly #differing: CanonicalItem[] = [];

  constructor(job: CompareJob, plan: TablePlan) {
    this.#job = job;
    this.#plan = plan;
  }

  missing(item: CanonicalItem): void {
    if (isExpired(item, this.#plan.ttlAttribute, Date.now() / 1000)) {
      this.#counts.expired++;
      return;
    }
    if (this.#counts.missing++ < this.#job.maxNamed) this.#named.push({ kind: 'missing', key: keyOf(this.#plan, item) });
  }

  different(item: CanonicalItem): void {
    if (this.#counts.different++ < this.#job.maxNamed) this.#differing.push(item);
  }

  extra(key: CanonicalItem, count: number): void {
    this.#counts.extra += count;
    this.#named.push({ kind: 'extra', key });
  }

  async result(): Promise<CompareResult> {
    const client = new DynamoDBClient(clientSettings(this.#job.target.aws));
    try {
      for (const item of this.#differing) {
        this.#named.push({ kind: 'different', key: keyOf(this.#plan, item), attributes: attributesThatDiffer(item, await this.#read(client, item)) });
      }
    } finally {
      client.destroy();
    }
    return { ...this.#counts, named: this.#named };
  }

  async #read(client: DynamoDBClient, item: CanonicalItem): Promise<CanonicalItem> {
    const Key = Object.fromEntries(Object.entries(keyOf(this.#plan, item)).map(([name, value]) => [name, sdkValue(value)]));
    try {
      return ((await client.send(new GetItemCommand({ TableName: this.#plan.targetName, Key, ConsistentRead: true }))).Item ?? {}) as CanonicalItem;
    } catch (error) {
      throw targetError(error, 'GetItem', this.#plan.targetName);
    }
  }
}

function attributesThatDiffer(a: CanonicalItem, b: CanonicalItem): string[] {
  const text = (value: CanonicalValue | undefined): string => (value === undefined ? '' : canonicalValue(value));
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => text(a[name]) !== text(b[name])).sort();
}

function keyOf(plan: TablePlan, item: CanonicalItem): CanonicalItem {
  const { partitionKey, sortKey } = plan;
  return { [partitionKey.attribute]: item[partitionKey.attribute], ...(sortKey === undefined ? {} : { [sortKey.attribute]: item[sortKey.attribute] }) };
}

/** The SDK wants bytes where DynamoDB JSON has base64. */
function sdkValue(value: CanonicalValue): AttributeValue {
  return (typeof value.B === 'string' ? { B: Buffer.from(value.B, 'base64') } : value) as AttributeValue;
}
