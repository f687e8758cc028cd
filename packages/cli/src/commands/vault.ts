// `aeneas vault ...`: the vault of a server that runs.

import { resolve } from 'node:path';
import type { VaultLockOrder, VaultStatus } from '@aeneas/protocol';
import { cliError } from '../errors.ts';
import { DONE } from '../exit.ts';
import { readSecret } from '../secret.ts';
import { askServer } from '../server-client.ts';

interface VaultFlags {
  readonly server: string;
  readonly json?: boolean;
  readonly passwordFile?: string;
}

export interface CreateFlags extends VaultFlags {
  readonly keyFile?: string;
  readonly keyring?: boolean;
  readonly kmsKey?: string;
  readonly region?: string;
}

export interface AddLockFlags extends CreateFlags {
  readonly newPasswordFile?: string;
}

export interface PasswordFlags extends VaultFlags {
  readonly newPasswordFile?: string;
}

export async function vaultStatus(flags: VaultFlags): Promise<number> {
  return show(flags, await askServer(flags.server, (api) => api.vault.status()));
}

export async function createVault(flags: CreateFlags): Promise<number> {
  const lock = await lockOf(flags);
  return show(flags, await askServer(flags.server, (api) => api.vault.create({ lock })));
}

export async function openVault(flags: VaultFlags): Promise<number> {
  const isGiven = flags.passwordFile !== undefined || process.env.AENEAS_VAULT_PASSWORD !== undefined;
  const { locks } = await askServer(flags.server, (api) => api.vault.status());
  const isUnattended = locks.some(({ kind }) => kind !== 'password');
  const password = isGiven || !isUnattended ? { password: await masterPassword(flags) } : {};
  return show(flags, await askServer(flags.server, (api) => api.vault.open(password)));
}

export async function lockVault(flags: VaultFlags): Promise<number> {
  return show(flags, await askServer(flags.server, (api) => api.vault.lock()));
}

export async function changePassword(flags: PasswordFlags): Promise<number> {
  const current = await readSecret({ what: 'Present master password', file: flags.passwordFile, variable: 'AENEAS_VAULT_PASSWORD' });
  const next = await readSecret({ what: 'New master password', file: flags.newPasswordFile, variable: 'AENEAS_NEW_VAULT_PASSWORD', isNew: true });
  return show(flags, await askServer(flags.server, (api) => api.vault.changePassword({ current, next })));
}

export async function addLock(flags: AddLockFlags): Promise<number> {
  const hasPassword = await needsPassword(flags);
  if (hasPassword && flags.keyFile === undefined && flags.keyring !== true && flags.kmsKey === undefined) throw cliError('USAGE', 'the vault has a master password; give --key-file, --keyring or --kms-key');
  const password = hasPassword ? { password: await masterPassword(flags) } : {};
  const lock = await lockOf({ ...flags, ...(flags.newPasswordFile === undefined ? {} : { passwordFile: flags.newPasswordFile }) });
  return show(flags, await askServer(flags.server, (api) => api.vault.addLock({ lock, ...password })));
}

export async function removeLock(id: string, flags: VaultFlags): Promise<number> {
  const password = await needsPassword(flags) ? { password: await masterPassword(flags) } : {};
  return show(flags, await askServer(flags.server, (api) => api.vault.removeLock({ id, ...password })));
}

export async function forgetSecret(name: string, flags: VaultFlags): Promise<number> {
  return show(flags, await askServer(flags.server, (api) => api.vault.forget({ name })));
}

async function needsPassword({ server }: VaultFlags): Promise<boolean> {
  return (await askServer(server, (api) => api.vault.status())).locks.some(({ kind }) => kind === 'password');
}

function masterPassword({ passwordFile }: VaultFlags): Promise<string> {
  return readSecret({ what: 'Master password', file: passwordFile, variable: 'AENEAS_VAULT_PASSWORD' });
}

async function lockOf({ keyFile, keyring, kmsKey, region, passwordFile }: CreateFlags): Promise<VaultLockOrder> {
  if (keyring === true) return { kind: 'keyring' };
  if (keyFile !== undefined) return { kind: 'key-file', file: resolve(keyFile) };
  if (kmsKey === undefined) return { kind: 'password', password: await readSecret({ what: 'Master password', file: passwordFile, variable: 'AENEAS_VAULT_PASSWORD', isNew: true }) };
  if (region === undefined) throw cliError('USAGE', '--kms-key needs --region');
  return { kind: 'aws-kms', keyId: kmsKey, region };
}

function show({ json }: VaultFlags, vault: VaultStatus): number {
  const { state, file, locks, secrets = [], problem } = vault;
  const lines = [`${state}  ${file}`, ...locks.map(({ id, text }) => `  opened by ${text}  ${id}`), ...secrets.map((name) => `  holds ${name}`), ...(problem === undefined ? [] : [`  ${problem.code}: ${problem.message}. ${problem.remedy}`])];
  process.stdout.write(json === true ? `${JSON.stringify(vault)}\n` : lines.map((line) => `${line}\n`).join(''));
  return DONE;
}
