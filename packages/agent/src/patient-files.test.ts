import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CodedError } from '@aeneas/cassandra';
import { patientFiles } from './patient-files.ts';
import type { SourceFiles } from './source-files.ts';

/** A mount that can be lost in several ways. */
class FakeMount implements SourceFiles {
  device: string | undefined = '0:40';
  failure: string | undefined;
  opened = 0;
  asked = 0;
  readonly #silent: boolean[] = [];
  /** What reads stop at, as if the file ended there. */
  end = 100;
  readonly #bytes = Uint8Array.from({ length: 100 }, (_, i) => i);

  #check(): void {
    if (this.failure !== undefined) throw new CodedError('FILE_UNREADABLE', '', 'Cannot read', {}, Object.assign(new Error(this.failure), { code: this.failure }));
  }

  async ask() {
    this.asked++;
    if (this.#silent.shift() === true) throw Object.assign(new Error('No answer'), { code: 'EIO' });
  }

  /** Questions are not answered so often. */
  hush(times: number): void {
    this.#silent.push(...Array.from({ length: times }, () => true));
  }

  async list() {
    this.#check();
    // Where nothing is mounted there is an empty folder.
    return this.device === undefined ? [] : [{ name: 'mc-1-big-Data.db', isDirectory: false }];
  }

  async kind() {
    this.#check();
    return this.device === undefined ? undefined : 'file' as const;
  }

  async modifiedMillis() {
    this.#check();
    return 1;
  }

  async open(path: string) {
    this.#check();
    this.opened++;
    return {
      path, size: this.#bytes.length,
      read: async (into: Uint8Array, offset: number, length: number, position: number) => {
        this.#check();
        into.set(this.#bytes.subarray(position, position + length), offset);
        return Math.max(0, Math.min(length, this.end - position));
      },
      close: async () => {},
    };
  }
}

function patient(mount: FakeMount, patienceMillis = 5_000, signal = new AbortController().signal): SourceFiles {
  return patientFiles(mount, { mounts: ['/mnt/a'], signal: () => signal, patienceMillis, deviceAt: () => mount.device, ask: () => mount.ask() });
}

test('a read goes on at the same byte after its mount was lost and mounted anew', async () => {
  const mount = new FakeMount();
  const file = await patient(mount).open('/mnt/a/x');
  mount.failure = 'ENOTCONN';
  const into = new Uint8Array(4);
  const reading = file.read(into, 0, 4, 50);
  await sleep(300);
  mount.device = undefined;
  await sleep(300);
  Object.assign(mount, { device: '0:41', failure: undefined });
  expect([await reading, [...into], mount.opened]).toEqual([4, [50, 51, 52, 53], 2]);
});

test('a file that seems to end too early is read anew: so sshfs answers when its connection goes', async () => {
  const mount = new FakeMount();
  const doubts: number[] = [];
  const files = patientFiles(mount, { mounts: ['/mnt/a'], signal: () => new AbortController().signal, deviceAt: () => mount.device, ask: () => mount.ask(), onDoubt: () => doubts.push(1) });
  const file = await files.open('/mnt/a/x');
  mount.end = 52;
  const into = new Uint8Array(4);
  const reading = file.read(into, 0, 4, 50);
  await sleep(100);
  mount.device = undefined;
  await sleep(300);
  Object.assign(mount, { device: '0:41', end: 100 });
  expect([await reading, [...into]]).toEqual([4, [50, 51, 52, 53]]);
  expect(doubts.length).toBeGreaterThan(0);
  // Where the file really ends nothing is waited for.
  expect([await file.read(into, 0, 4, 98), await file.read(into, 0, 4, 100)]).toEqual([2, 0]);
});

test('the size of a file counts only when its mount answers afterwards', async () => {
  const mount = new FakeMount();
  mount.hush(2);
  const file = await patient(mount).open('/mnt/a/x');
  expect([file.size, mount.opened, mount.asked]).toEqual([100, 3, 3]);
});

test('a file of a living mount that became shorter is told as such', async () => {
  const mount = new FakeMount();
  const file = await patient(mount).open('/mnt/a/x');
  mount.end = 52;
  expect(await file.read(new Uint8Array(4), 0, 4, 50)).toBe(2);
}, 15_000);

test('what is not mounted is not taken for empty or missing', async () => {
  const mount = new FakeMount();
  mount.device = undefined;
  const [listing, kind] = [patient(mount).list('/mnt/a/ks'), patient(mount).kind('/mnt/a/ks/x')];
  await sleep(300);
  mount.device = '0:50';
  expect([await listing, await kind]).toEqual([[{ name: 'mc-1-big-Data.db', isDirectory: false }], 'file']);
});

test('a mount that does not come back is an error that can be tried again; a job that is ended waits no longer', async () => {
  const mount = new FakeMount();
  mount.failure = 'ENOTCONN';
  await expect(patient(mount, 100).list('/mnt/a')).rejects.toMatchObject({ code: 'MOUNT_LOST' });
  const ended = new AbortController();
  const listing = patient(mount, 60_000, ended.signal).list('/mnt/a');
  setTimeout(() => ended.abort(), 100);
  await expect(listing).rejects.toMatchObject({ code: 'MOUNT_LOST' });
});

test('errors of a mount that is well are told as they are: at once, or after a few tries when the disk may be bad', async () => {
  const mount = new FakeMount();
  mount.failure = 'ENOENT';
  await expect(patient(mount).open('/mnt/a/x')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  mount.failure = 'EIO';
  await expect(patient(mount, 60_000).open('/mnt/a/x')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});

test('files elsewhere are left alone', async () => {
  const mount = new FakeMount();
  mount.device = undefined;
  expect(await patient(mount).list('/data')).toEqual([]);
});
