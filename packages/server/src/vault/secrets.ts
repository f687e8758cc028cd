// Secrets as the server's other parts use them: those that the user wants stored are in the vault, the others in memory until the server ends.

import type { Vault } from './vault.ts';

export interface Secrets {
  /** Undefined: it has to be asked for. So it is with a stored one while the vault is locked. */
  get(name: string): string | undefined;
  /** Where it is kept; undefined: nowhere that can be seen now. */
  placeOf(name: string): 'vault' | 'memory' | undefined;
  /** Stores it in the vault, or keeps it in memory alone and takes it out of the vault. Throws VAULT_ABSENT and VAULT_LOCKED when it is to be stored, and what `Vault.set` throws. */
  set(name: string, secret: string, options: { readonly store: boolean }): Promise<void>;
  /** Forgets it in both places. Throws VAULT_LOCKED when it may be in the vault. */
  delete(name: string): Promise<void>;
  /** Forgets what is in memory of one that was never stored, also while the vault is locked. */
  forget(name: string): void;
}

export class SessionSecrets implements Secrets {
  readonly #vault: Vault;
  readonly #inMemory = new Map<string, string>();

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  get(name: string): string | undefined {
    return this.#inMemory.get(name) ?? (this.#vault.state === 'open' ? this.#vault.get(name) : undefined);
  }

  placeOf(name: string): 'vault' | 'memory' | undefined {
    if (this.#inMemory.has(name)) return 'memory';
    return this.#vault.state === 'open' && this.#vault.has(name) ? 'vault' : undefined;
  }

  async set(name: string, secret: string, { store }: { readonly store: boolean }): Promise<void> {
    if (store) {
      await this.#vault.set(name, secret);
      this.#inMemory.delete(name);
      return;
    }
    if (this.#vault.state === 'open' && this.#vault.has(name)) await this.#vault.delete(name);
    this.#inMemory.set(name, secret);
  }

  async delete(name: string): Promise<void> {
    if (this.#vault.state !== 'absent' && (this.#vault.state === 'locked' || this.#vault.has(name))) await this.#vault.delete(name);
    this.#inMemory.delete(name);
  }

  forget(name: string): void {
    this.#inMemory.delete(name);
  }
}
