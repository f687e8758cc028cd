/** Checkpoints that wait until the writer has acknowledged everything before them. Tickets are the count of items handed to it so far. */
export class CheckpointQueue<T> {
  readonly #waiting: { readonly ticket: number; readonly checkpoint: T }[] = [];

  add(ticket: number, checkpoint: T): void {
    this.#waiting.push({ ticket, checkpoint });
  }

  /** Takes out what is covered, in order. */
  take(acknowledged: number): T[] {
    let count = 0;
    while (count < this.#waiting.length && this.#waiting[count].ticket <= acknowledged) count++;
    return this.#waiting.splice(0, count).map(({ checkpoint }) => checkpoint);
  }
}
