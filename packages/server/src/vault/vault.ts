// Secrets that outlive the server: passwords of databases and stores, AWS keys. One file, opened once after the server's start; while it is
// open its secrets are in memory. Changes are made one after the other and are on disk, whole, before they are acknowledged.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { writePrivately } from '@aeneas/agent';
import { serverError } from '../errors.ts';
import { forgetLock, makeLock, openLock, orderOf } from './locks.ts';
import type { LockOrder } from './locks.ts';
import { KEY_BYTES, MAX_FILE_BYTES, parseVault, sealVault, unsealVault } from './vault-file.ts';
import type { LockEntry, SealedVault } from './vault-file.ts';

export type VaultState = 'absent' | 'locked' | 'open';

interface OpenVault {
  readonly id: string;
  readonly dataKey: Buffer;
  readonly locks: readonly LockEntry[];
  readonly secrets: ReadonlyMap<string, string>;
  readonly checksum: string;
}

export class Vault {
  readonly file: string;
  #open: OpenVault | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param file where it is, or will be. */
  constructor(file: string) {
    this.file = file;
  }

  get state(): VaultState {
    if (this.#open !== undefined) return 'open';
    return existsSync(this.file) ? 'locked' : 'absent';
  }

  /** Makes an empty vault, which is then open. Throws VAULT_EXISTS, VAULT_PASSWORD_UNFIT, VAULT_LOCK_UNUSABLE, FILE_UNWRITABLE, DISK_FULL. */
  create(order: LockOrder): Promise<void> {
    return this.#inTurn(async () => {
      if (this.state !== 'absent') throw serverError('VAULT_EXISTS', 'There is a vault already', { file: this.file });
      const id = randomBytes(8).toString('hex');
      const dataKey = randomBytes(KEY_BYTES);
      await this.#write({ id, dataKey, locks: [await makeLock(order, id, dataKey)], secrets: new Map() });
    });
  }

  /**
   * Opens the vault by its master password; without one by the locks that need nobody. Throws VAULT_ABSENT, VAULT_PASSWORD_WRONG,
   * VAULT_LOCKED (it needs a password), VAULT_LOCK_UNUSABLE, VAULT_DAMAGED, VAULT_NEWER, VAULT_UNREADABLE.
   */
  open(password?: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#open !== undefined && password === undefined) return;
      const sealed = await this.#read();
      const { id, locks } = sealed.header;
      const dataKey = await this.#dataKey(sealed, password);
      this.#open = { id, locks, dataKey, secrets: unsealVault(sealed, dataKey, this.file), checksum: sealed.checksum };
    });
  }

  /** Forgets key and secrets, once changes that are under way are on disk. */
  lock(): Promise<void> {
    return this.#inTurn(async () => {
      this.#open?.dataKey.fill(0);
      this.#open = undefined;
    });
  }

  /** How it can be opened; also while it is locked. Throws VAULT_ABSENT, VAULT_DAMAGED, VAULT_NEWER, VAULT_UNREADABLE. */
  async locks(): Promise<readonly LockEntry[]> {
    return this.#open?.locks ?? (await this.#read()).header.locks;
  }

  /** Adds a way to open it. Where it has a master password, that is needed. Throws VAULT_LOCK_UNKNOWN when it has a password already. */
  addLock(order: LockOrder, password?: string): Promise<void> {
    return this.#inTurn(async () => {
      const open = this.#opened();
      if (order.kind === 'password' && open.locks.some(({ kind }) => kind === 'password')) throw serverError('VAULT_LOCK_UNKNOWN', 'The vault has a master password already: change that');
      await this.#verify(open, password);
      await this.#write({ ...open, locks: [...open.locks, await makeLock(order, open.id, open.dataKey)] });
    });
  }

  /** Takes a lock away: the secrets get a new key, so that who has an old copy of that lock cannot read what is stored from now on. */
  removeLock(id: string, password?: string): Promise<void> {
    return this.#inTurn(async () => {
      const open = this.#opened();
      const left = open.locks.filter((lock) => lock.id !== id);
      if (left.length === open.locks.length || left.length === 0) throw serverError('VAULT_LOCK_UNKNOWN', left.length === 0 ? 'This is the only lock of the vault' : 'The vault has no such lock');
      await this.#verify(open, password);
      await this.#rekey(open, left.map((lock) => orderOf(lock, password ?? '')));
    });
  }

  /** With a new key for the secrets, as when a lock is removed. Throws VAULT_PASSWORD_WRONG, VAULT_PASSWORD_UNFIT, and VAULT_LOCK_UNUSABLE when another lock cannot be made anew. */
  changePassword(current: string, next: string): Promise<void> {
    return this.#inTurn(async () => {
      const open = this.#opened();
      if (!open.locks.some(({ kind }) => kind === 'password')) throw serverError('VAULT_LOCK_UNKNOWN', 'The vault has no master password');
      await this.#verify(open, current);
      await this.#rekey(open, open.locks.map((lock) => orderOf(lock, next)));
    });
  }

  /** Throws VAULT_ABSENT, VAULT_LOCKED. */
  get(name: string): string | undefined {
    return this.#opened().secrets.get(name);
  }

  /** Throws VAULT_ABSENT, VAULT_LOCKED. */
  has(name: string): boolean {
    return this.#opened().secrets.has(name);
  }

  /** Names that begin so, sorted. Throws VAULT_ABSENT, VAULT_LOCKED. */
  names(prefix = ''): string[] {
    return [...this.#opened().secrets.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  /** Resolves once it is on disk. Throws VAULT_ABSENT, VAULT_LOCKED, VAULT_FULL, VAULT_CHANGED, FILE_UNWRITABLE, DISK_FULL. */
  set(name: string, secret: string): Promise<void> {
    return this.#change((secrets) => secrets.set(name, secret));
  }

  /** One that is not there is no error. Throws as `set`. */
  delete(name: string): Promise<void> {
    return this.#change((secrets) => secrets.delete(name));
  }

  #change(change: (secrets: Map<string, string>) => unknown): Promise<void> {
    return this.#inTurn(async () => {
      const open = this.#opened();
      const secrets = new Map(open.secrets);
      change(secrets);
      await this.#write({ ...open, secrets });
    });
  }

  #opened(): OpenVault {
    if (this.#open !== undefined) return this.#open;
    throw this.state === 'absent' ? serverError('VAULT_ABSENT', 'This server has no vault') : serverError('VAULT_LOCKED', 'The vault is locked');
  }

  /** Tries the locks that the caller can open. */
  async #dataKey({ header: { id, locks } }: SealedVault, password: string | undefined): Promise<Buffer> {
    const mine = locks.filter(({ kind }) => (kind === 'password') === (password !== undefined));
    let refusal: unknown = serverError('VAULT_LOCKED', password === undefined ? 'The vault is opened by its master password' : 'The vault has no master password: it is opened by its other locks');
    for (const lock of mine) {
      try {
        return await openLock(lock, id, password);
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  async #verify({ id, locks }: OpenVault, password: string | undefined): Promise<void> {
    const lock = locks.find(({ kind }) => kind === 'password');
    if (lock !== undefined) (await openLock(lock, id, password)).fill(0);
  }

  async #rekey(open: OpenVault, orders: readonly LockOrder[]): Promise<void> {
    const dataKey = randomBytes(KEY_BYTES);
    const locks: LockEntry[] = [];
    for (const order of orders) locks.push(await makeLock(order, open.id, dataKey));
    await this.#write({ ...open, dataKey, locks });
    for (const lock of open.locks) await forgetLock(lock, open.id);
  }

  /** What is there must be what was read or written last: nothing of another is overwritten. */
  async #write({ id, dataKey, locks, secrets }: Omit<OpenVault, 'checksum'>): Promise<void> {
    const before = this.#open;
    if (before !== undefined && (await this.#read()).checksum !== before.checksum) throw serverError('VAULT_CHANGED', 'The vault is not the one that was opened', { file: this.file });
    const text = sealVault({ id, locks: [...locks] }, secrets, dataKey);
    await writePrivately(this.file, text);
    this.#open = { id, dataKey, locks, secrets, checksum: parseVault(text, this.file).checksum };
  }

  async #read(): Promise<SealedVault> {
    const { file } = this;
    try {
      const { size } = await stat(file);
      if (size > MAX_FILE_BYTES) throw serverError('VAULT_DAMAGED', `The vault cannot be used: it has ${size} bytes`, { file });
      return parseVault(await readFile(file, 'utf8'), file);
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall === undefined) throw error;
      if (code === 'ENOENT') throw serverError('VAULT_ABSENT', 'This server has no vault', { file }, error);
      throw serverError('VAULT_UNREADABLE', `The vault cannot be read: ${code}`, { file }, error);
    }
  }

  /** One change after the other, also after one that failed. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}
