import { LABELS, UPGRADED, unpackedDemo, unpackedFixture } from '../fixtures/unpack.ts';

/** Before the first test: so that no worker waits for another that unpacks. */
export default async function setup(): Promise<void> {
  for (const label of [...LABELS, UPGRADED] as const) await unpackedFixture(label);
  await unpackedDemo();
}
