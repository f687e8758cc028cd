import { localFiles } from '@aeneas/cassandra';
import type { ByteSource, FileSystem } from '@aeneas/cassandra';

/** A way to damage a file: what it becomes, undefined when it is gone. */
export interface Damage {
  readonly what: string;
  readonly bytes: Uint8Array | undefined;
}

/** The local disk, but one file is not what it is there. Nothing is written. */
export function damagedFiles(path: string, bytes: Uint8Array | undefined): FileSystem {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const directory = path.slice(0, path.lastIndexOf('/'));
  return {
    async list(of) {
      const entries = await localFiles.list(of);
      return of === directory && bytes === undefined ? entries.filter((entry) => entry.name !== name) : entries;
    },
    async kind(of) {
      return of === path && bytes === undefined ? undefined : localFiles.kind(of);
    },
    async open(of) {
      return of === path && bytes !== undefined ? new BytesInMemory(path, bytes) : localFiles.open(bytes === undefined && of === path ? `${path}.gone` : of);
    },
  };
}

class BytesInMemory implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(path: string, bytes: Uint8Array) {
    this.path = path;
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  async read(into: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    const part = this.#bytes.subarray(position, position + length);
    into.set(part, offset);
    return part.length;
  }

  async close(): Promise<void> {}
}

/** Numbers from a seed, the same on every machine (mulberry32). */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One of the things that happen to files: a flipped bit, another byte, a cut, bytes too many, zeros, an empty file, none at all. */
export function damage(pristine: Uint8Array, random: (below: number) => number): Damage {
  for (;;) {
    const done = anyDamage(pristine, random);
    // Zeros where zeros were are no damage.
    if (done.bytes === undefined || Buffer.compare(done.bytes, pristine) !== 0) return done;
  }
}

function anyDamage(pristine: Uint8Array, random: (below: number) => number): Damage {
  const at = random(Math.max(1, pristine.length));
  const copy = Uint8Array.from(pristine);
  switch (random(pristine.length === 0 ? 2 : 10)) {
    case 0:
      return { what: 'is gone', bytes: undefined };
    case 1:
      return { what: 'has bytes too many', bytes: Buffer.concat([pristine, Buffer.alloc(1 + random(40), random(256))]) };
    case 2:
      return { what: 'is empty', bytes: new Uint8Array(0) };
    case 3:
      return { what: `ends at ${at}`, bytes: copy.subarray(0, at) };
    case 4: {
      const end = Math.min(copy.length, at + 1 + random(512));
      return { what: `has zeros from ${at} to ${end}`, bytes: copy.fill(0, at, end) };
    }
    case 5: {
      // Lengths and counts are most often hurt by their high bytes.
      copy[at] = 0xff;
      return { what: `has FF at ${at}`, bytes: copy };
    }
    case 6:
      copy[at] = random(256);
      return { what: `has another byte at ${at}`, bytes: copy };
    default:
      copy[at] = copy[at]! ^ (1 << random(8));
      return { what: `has a flipped bit at ${at}`, bytes: copy };
  }
}
