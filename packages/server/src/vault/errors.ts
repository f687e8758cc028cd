import type { ErrorEntry } from '@aeneas/cassandra';

export const vaultErrors = {
  VAULT_ABSENT: {
    cause: 'A secret is to be stored, but this server has no vault yet.',
    remedy: 'Create one under Settings > Global Settings > Vault, or with "aeneas vault create"; or go on without storing it.',
  },
  VAULT_EXISTS: {
    cause: 'There is a vault already; another one in its place would lose what it holds.',
    remedy: 'Open it. If its password is lost, move its file away first: what is in it can then not be read any more.',
  },
  VAULT_LOCKED: {
    cause: 'The vault is locked: after a start of the server it is opened by its master password, unless it has a key file or a KMS key.',
    remedy: 'Open it under Settings > Global Settings > Vault, or with "aeneas vault open".',
  },
  VAULT_PASSWORD_WRONG: {
    cause: 'The master password does not open the vault. Nothing was changed.',
    remedy: 'Type it again. There is no way around a lost password, but for another lock that the vault has (a key file, the keyring, a KMS key).',
  },
  VAULT_PASSWORD_UNFIT: {
    cause: 'A master password is too short to protect what is in the vault, or too long.',
    remedy: 'Choose one of at least 10 characters; several words are easier to keep in mind than signs.',
  },
  VAULT_DAMAGED: {
    cause: 'The vault\'s file is not what was written: it is cut off, or its content was changed. It was left as it is.',
    remedy: 'Put back the file from a backup of the server\'s workspace, or move it away and create a new vault.',
  },
  VAULT_NEWER: {
    cause: 'The vault was written by a later version of Aeneas. It was left as it is.',
    remedy: 'Go on with the version that wrote it, or a later one.',
  },
  VAULT_UNREADABLE: {
    cause: 'The operating system does not let the server read the vault\'s file.',
    remedy: 'Check the owner and rights of the file that the message names; it belongs to the server\'s user alone (0600).',
  },
  VAULT_CHANGED: {
    cause: 'The vault\'s file was replaced by another vault while it was open. Nothing was written.',
    remedy: 'Lock the vault and open it again; then make the change once more.',
  },
  VAULT_LOCK_UNUSABLE: {
    cause: 'A lock of the vault cannot be used: its key file is missing, damaged or readable by others, the keyring is absent or locked, or AWS KMS refuses.',
    remedy: 'Mend what the message names, or open the vault by its master password and remove that lock.',
  },
  VAULT_LOCK_UNKNOWN: {
    cause: 'The vault has no such lock, has one of this kind already, or would be left without any.',
    remedy: 'Look at its locks with "aeneas vault status". The last lock cannot be removed.',
  },
  VAULT_FULL: {
    cause: 'A secret is larger than the vault takes, or the vault holds as much as it may.',
    remedy: 'A secret may have 64 KB, the vault 4,096 of them and 16 MB in all. Keep larger files on disk and store their password.',
  },
} as const satisfies Record<string, ErrorEntry>;
