import { LABELS, unpackedDemo, unpackedFixture } from '../fixtures/unpack.ts';

/** Before the first test: so that no worker waits for another that unpacks. */
export default async function setup(): Promise<void> {
  for (const label of LABELS) await unpackedFixture(label);
  await unpackedDemo();
}
