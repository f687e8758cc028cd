// Items straight into DynamoDB. A stretch is safe when the writer has acknowledged all of its items.

import { BatchWriter } from '@aeneas/dynamodb';
import type { ItemEncoder, OutputBuffer, TablePlan } from '@aeneas/dynamodb';
import { writerOptions } from './aws-client.ts';
import type { TellRetry } from './aws-client.ts';
import { CheckpointQueue } from './checkpoint-queue.ts';
import type { ItemSink, Stretch } from './extract.ts';
import { faultPoint } from './fault-point.ts';
import type { TargetTable } from './job.ts';

const CHECKPOINT_ITEMS = 10_000;
const CHECKPOINT_MILLIS = 2_000;

export class TableSink implements ItemSink {
  readonly #writer: BatchWriter<number>;
  readonly #out: OutputBuffer;
  readonly #report: (stretch: Stretch) => void;
  readonly #checkpoints = new CheckpointQueue<Stretch>();
  #room: Promise<void> | undefined;
  #items = 0;
  #itemsAtCheckpoint = 0;
  #checkpointMillis = Date.now();

  constructor(target: TargetTable, plan: TablePlan, out: OutputBuffer, report: (stretch: Stretch) => void, tell: TellRetry) {
    this.#writer = new BatchWriter({ ...writerOptions(target, tell), plan, onAcknowledged: (items) => this.#acknowledged(items) });
    this.#out = out;
    this.#report = report;
  }

  add({ itemStart, partitionKeyEnd, keyEnd, itemSize }: ItemEncoder): void {
    const item = this.#out.bytes.subarray(itemStart, this.#out.length);
    this.#room = this.#writer.add(item, { partitionKeyEnd, keyEnd }, itemSize, ++this.#items);
    this.#out.length = 0;
  }

  get isFull(): boolean {
    return this.#room !== undefined;
  }

  get wantsCheckpoint(): boolean {
    const items = this.#items - this.#itemsAtCheckpoint;
    return items >= CHECKPOINT_ITEMS || (items % 256 === 255 && Date.now() - this.#checkpointMillis >= CHECKPOINT_MILLIS);
  }

  async settle(): Promise<void> {
    await this.#room;
    this.#room = undefined;
  }

  async endStretch(stretch: Omit<Stretch, 'file'>): Promise<void> {
    await this.settle();
    this.#itemsAtCheckpoint = this.#items;
    this.#checkpointMillis = Date.now();
    this.#checkpoints.add(this.#items, { ...stretch, file: undefined });
    if (stretch.position === undefined) await this.#writer.flush();
    // The last items may have been acknowledged before this stretch was waiting for them.
    this.#acknowledged(this.#writer.acknowledgedUpTo() ?? 0);
  }

  async close(): Promise<void> {
    this.#writer.close();
  }

  #acknowledged(items: number): void {
    for (const stretch of this.#checkpoints.take(items)) {
      faultPoint('items-acknowledged');
      this.#report(stretch);
    }
  }
}
