// The target's items, read back by a parallel scan, and the token range that each belongs to.

import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { partitionOfKey, tokenToBigInt } from '@aeneas/cassandra';
import type { Partitioner } from '@aeneas/cassandra';
import { decodePartitionKey, planTable, targetError } from '@aeneas/dynamodb';
import type { CanonicalItem, KeyAttribute, TablePlan } from '@aeneas/dynamodb';
import { clientSettings, retryTeller, tellingRetries } from './aws-client.ts';
import { agentError } from './errors.ts';
import type { JobContext, ScanJob, ScanResult, TargetTable } from './job.ts';
import { openSource } from './open-source.ts';
import { RangeDigest } from './range-sums.ts';

/** Gives every item of one segment to `visit`, page by page, with consistent reads. Throws TARGET_*. */
export async function forEachTargetItem(
  target: TargetTable, plan: TablePlan, segment: number, segments: number, context: Pick<JobContext, 'signal' | 'report'>, visit: (item: CanonicalItem) => void, pageRead: (items: number) => void = () => {},
): Promise<void> {
  const { signal } = context;
  const client = tellingRetries(new DynamoDBClient({ ...clientSettings(target.aws), retryMode: 'adaptive' }), retryTeller(context));
  try {
    let start: Record<string, AttributeValue> | undefined;
    do {
      if (signal.aborted) throw agentError('JOB_STOPPED', 'The validation was stopped');
      const page: ScanCommandOutput = await client.send(new ScanCommand({
        TableName: plan.targetName, ConsistentRead: true, ExclusiveStartKey: start, ...(segments > 1 ? { Segment: segment, TotalSegments: segments } : {}),
      })).catch((error: unknown) => {
        throw targetError(error, 'Scan', plan.targetName);
      });
      for (const item of page.Items ?? []) visit(item as CanonicalItem);
      pageRead(page.Items?.length ?? 0);
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  } finally {
    client.destroy();
  }
}

/** Finds the token range of an item by the partition key in it. */
export class RangeFinder {
  readonly #plan: TablePlan;
  readonly #partitioner: Partitioner;
  readonly #cuts: readonly bigint[];
  #lastKey = '';
  #lastRange: number | undefined = 0;

  constructor(plan: TablePlan, partitioner: Partitioner, cuts: readonly bigint[]) {
    this.#plan = plan;
    this.#partitioner = partitioner;
    this.#cuts = cuts;
  }

  /** Undefined when the key is not one that this table's rows could have. */
  rangeOf(item: CanonicalItem): number | undefined {
    const attribute = item[this.#plan.partitionKey.attribute];
    const key = attribute.S ?? attribute.N ?? Buffer.from(attribute.B as Uint8Array).toString('latin1');
    if (key !== this.#lastKey) {
      this.#lastKey = key;
      this.#lastRange = this.#find(attribute as KeyAttribute);
    }
    return this.#lastRange;
  }

  #find(attribute: KeyAttribute): number | undefined {
    let key: Uint8Array;
    try {
      key = decodePartitionKey(this.#plan, attribute);
    } catch {
      return undefined;
    }
    if (this.#cuts.length === 0) return 0;
    const token = tokenToBigInt(this.#partitioner, partitionOfKey(this.#partitioner, key));
    let low = 0;
    let high = this.#cuts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (token <= this.#cuts[middle]) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Runs a job of this kind: see ScanJob. */
export async function scanTarget(job: ScanJob, context: JobContext): Promise<ScanResult> {
  const { report, files } = context;
  const { source, cuts, expiredBeforeSeconds } = job;
  const plan = planTable(source.table, source.mapping);
  const finder = new RangeFinder(plan, (await openSource(source, files)).partitioner, cuts);
  const digests = Array.from({ length: cuts.length + 1 }, () => new RangeDigest(plan.ttlAttribute, expiredBeforeSeconds));
  let foreign = 0;
  await forEachTargetItem(job.target, plan, job.segment, job.segments, context, (item) => {
    const range = finder.rangeOf(item);
    if (range === undefined) foreign++;
    else digests[range].add(item);
  }, (items) => report({ type: 'progress', rows: 0, items, rejected: 0, fraction: 0 }));
  return { ranges: digests.map((digest) => digest.sums()), foreign };
}
