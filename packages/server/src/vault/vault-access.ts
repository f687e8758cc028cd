// The vault as users see it: what it is, what opens it, and what was done with it, in the log. No secret comes out.

import type { VaultStatus } from '@aeneas/protocol';
import { refusalOf } from '../control/refusal.ts';
import type { ServerLog } from '../settings/server-log.ts';
import { lockText } from './locks.ts';
import type { LockOrder } from './locks.ts';
import type { Vault } from './vault.ts';

export class VaultAccess {
  readonly #vault: Vault;
  readonly #log: ServerLog;

  constructor(vault: Vault, log: ServerLog) {
    this.#vault = vault;
    this.#log = log;
  }

  /** A vault that cannot be read is told as such, and no error. */
  async status(): Promise<VaultStatus> {
    const { state, file } = this.#vault;
    if (state === 'absent') return { state, file, locks: [] };
    try {
      const locks = (await this.#vault.locks()).map((lock) => ({ id: lock.id, kind: lock.kind, text: lockText(lock) }));
      return { state, file, locks, ...(state === 'open' ? { secrets: this.#vault.names() } : {}) };
    } catch (error) {
      return { state, file, locks: [], problem: refusalOf(error) };
    }
  }

  /** After a start: with the locks that need nobody. It stays locked where there are none, and where they cannot be used. */
  async openUnattended(): Promise<void> {
    if (this.#vault.state !== 'locked' || (await this.status()).locks.every(({ kind }) => kind === 'password')) return;
    await this.#do('vault-opened', () => this.#vault.open()).catch(() => {});
  }

  create(lock: LockOrder): Promise<VaultStatus> {
    return this.#do('vault-created', () => this.#vault.create(lock));
  }

  open(password: string | undefined): Promise<VaultStatus> {
    return this.#do('vault-opened', () => this.#vault.open(password));
  }

  lock(): Promise<VaultStatus> {
    return this.#do('vault-locked', () => this.#vault.lock());
  }

  changePassword(current: string, next: string): Promise<VaultStatus> {
    return this.#do('vault-password-changed', () => this.#vault.changePassword(current, next));
  }

  addLock(lock: LockOrder, password: string | undefined): Promise<VaultStatus> {
    return this.#do('vault-lock-added', () => this.#vault.addLock(lock, password));
  }

  removeLock(id: string, password: string | undefined): Promise<VaultStatus> {
    return this.#do('vault-lock-removed', () => this.#vault.removeLock(id, password));
  }

  forget(name: string): Promise<VaultStatus> {
    return this.#do('vault-secret-deleted', () => this.#vault.delete(name));
  }

  async #do(event: string, work: () => Promise<void>): Promise<VaultStatus> {
    try {
      await work();
    } catch (error) {
      this.#log('warning', `${event}-refused`, { code: refusalOf(error).code });
      throw error;
    }
    this.#log('info', event);
    return this.status();
  }
}
