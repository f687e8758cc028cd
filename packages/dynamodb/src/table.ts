// Target tables: made, waited for, compared, and dropped under a guard.

import { setTimeout as sleep } from 'node:timers/promises';
import type * as sdk from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient, ScanCommandOutput, TableDescription } from '@aws-sdk/client-dynamodb';
import { dynamodbError } from './errors.ts';
import { keyMismatch, tableDescription } from './table-description.ts';
import type { TablePlan } from './table-plan.ts';
import { targetError } from './write-failure.ts';

/** Loaded by who makes tables: who only reads files never needs it, and it is large. */
type Sdk = typeof sdk;

const POLL_MILLIS = 1_000;
const DEFAULT_WAIT_MILLIS = 10 * 60_000;

export interface PrepareOptions {
  /** What happens to a table that exists: it is kept and written to, or dropped and made anew. */
  readonly existing: 'keep' | 'drop';
  /** Lets `drop` take a table that has items. */
  readonly dropPopulated?: boolean;
  readonly waitMillis?: number;
  readonly pollMillis?: number;
}

/** What was found and done. */
export interface PreparedTable {
  readonly name: string;
  readonly outcome: 'created' | 'kept' | 'recreated';
  /** Items, if the table was kept, were there before. */
  readonly hadItems: boolean;
  /** What could not be set, for the report. */
  readonly warnings: readonly string[];
}

/**
 * Makes the target table ready to be written to. Throws TARGET_TABLE_MISMATCH, TARGET_TABLE_POPULATED, TARGET_TABLE_NOT_READY, and
 * TARGET_UNREACHABLE, TARGET_ACCESS_DENIED, TARGET_REFUSED.
 */
export async function prepareTable(client: DynamoDBClient, plan: TablePlan, options: PrepareOptions): Promise<PreparedTable> {
  const table = new TargetTable(await import('@aws-sdk/client-dynamodb'), client, plan, options);
  const existing = await table.describe();
  if (existing === undefined) {
    await table.create();
    return { name: plan.targetName, outcome: 'created', hadItems: false, warnings: await table.enableTtl() };
  }
  const hadItems = await table.hasItems();
  if (options.existing === 'keep') {
    const mismatch = keyMismatch(plan, existing);
    if (mismatch) throw dynamodbError('TARGET_TABLE_MISMATCH', `The table "${plan.targetName}" exists, but ${mismatch}`);
    await table.untilActive();
    return { name: plan.targetName, outcome: 'kept', hadItems, warnings: await table.enableTtl() };
  }
  if (hadItems && !options.dropPopulated) throw dynamodbError('TARGET_TABLE_POPULATED', `The table "${plan.targetName}" has items and was not dropped`);
  await table.drop();
  await table.create();
  return { name: plan.targetName, outcome: 'recreated', hadItems, warnings: await table.enableTtl() };
}

class TargetTable {
  readonly #sdk: Sdk;
  readonly #client: DynamoDBClient;
  readonly #plan: TablePlan;
  readonly #name: string;
  readonly #pollMillis: number;
  readonly #waitMillis: number;

  constructor(sdk: Sdk, client: DynamoDBClient, plan: TablePlan, options: PrepareOptions) {
    this.#sdk = sdk;
    this.#client = client;
    this.#plan = plan;
    this.#name = plan.targetName;
    this.#pollMillis = options.pollMillis ?? POLL_MILLIS;
    this.#waitMillis = options.waitMillis ?? DEFAULT_WAIT_MILLIS;
  }

  /** Undefined when there is no such table. */
  async describe(): Promise<TableDescription | undefined> {
    try {
      return (await this.#client.send(new this.#sdk.DescribeTableCommand({ TableName: this.#name }))).Table;
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') return undefined;
      throw targetError(error, 'DescribeTable', this.#name);
    }
  }

  async create(): Promise<void> {
    try {
      await this.#client.send(new this.#sdk.CreateTableCommand(tableDescription(this.#plan)));
    } catch (error) {
      // A run before this one was interrupted between asking and waiting.
      if ((error as Error).name !== 'ResourceInUseException') throw targetError(error, 'CreateTable', this.#name);
    }
    await this.untilActive();
  }

  async untilActive(): Promise<void> {
    await this.#until('become active', (table) => table?.TableStatus === 'ACTIVE' || table?.TableStatus === 'UPDATING');
  }

  async drop(): Promise<void> {
    await this.untilActive();
    await this.#send('DeleteTable', new this.#sdk.DeleteTableCommand({ TableName: this.#name }));
    await this.#until('go away', (table) => table === undefined);
  }

  /** Looks for one item: the count in the table's description is hours old. */
  async hasItems(): Promise<boolean> {
    await this.untilActive();
    const page = await this.#send<ScanCommandOutput>('Scan', new this.#sdk.ScanCommand({ TableName: this.#name, Limit: 1, ConsistentRead: true, Select: 'COUNT' }));
    return (page.Count ?? 0) > 0 || page.LastEvaluatedKey !== undefined;
  }

  /** Emulators without TTL are no reason to stop. */
  async enableTtl(): Promise<string[]> {
    const attribute = this.#plan.ttlAttribute;
    if (attribute === undefined) return [];
    try {
      const current = await this.#client.send(new this.#sdk.DescribeTimeToLiveCommand({ TableName: this.#name }));
      const status = current.TimeToLiveDescription?.TimeToLiveStatus;
      if (status === 'ENABLED' || status === 'ENABLING') {
        const other = current.TimeToLiveDescription?.AttributeName;
        return other === attribute ? [] : [`TTL of "${this.#name}" is on the attribute "${other}", not on "${attribute}": items will not expire`];
      }
      await this.#client.send(new this.#sdk.UpdateTimeToLiveCommand({ TableName: this.#name, TimeToLiveSpecification: { Enabled: true, AttributeName: attribute } }));
      return [];
    } catch (error) {
      return [`TTL of "${this.#name}" could not be enabled on "${attribute}": ${(error as Error).name}: ${(error as Error).message}`];
    }
  }

  async #send<Output>(what: string, command: { readonly input: object }): Promise<Output> {
    try {
      return await (this.#client.send as (command: unknown) => Promise<Output>)(command);
    } catch (error) {
      throw targetError(error, what, this.#name);
    }
  }

  async #until(what: string, isSo: (table: TableDescription | undefined) => boolean): Promise<void> {
    const deadline = performance.now() + this.#waitMillis;
    while (!isSo(await this.describe())) {
      if (performance.now() > deadline) throw dynamodbError('TARGET_TABLE_NOT_READY', `The table "${this.#name}" did not ${what} within ${Math.round(this.#waitMillis / 1000)} s`);
      await sleep(this.#pollMillis);
    }
  }
}
