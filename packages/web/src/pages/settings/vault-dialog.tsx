// The dialogs of the vault. What is typed here is sent once, and kept nowhere.

import { useState } from 'react';
import type { VaultLockOrder, VaultStatus } from '@aeneas/protocol';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { server } from '../../server.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useVaultCall } from './vault-call.ts';

export type VaultAction = { readonly kind: 'create' } | { readonly kind: 'add-lock' } | { readonly kind: 'change-password' } | { readonly kind: 'remove-lock'; readonly id: string } | { readonly kind: 'forget'; readonly name: string };

const TITLES: Readonly<Record<VaultAction['kind'], { readonly title: string; readonly verb: string }>> = {
  create: { title: 'Create the vault', verb: 'Create' },
  'add-lock': { title: 'Add a lock', verb: 'Add' },
  'change-password': { title: 'Change the master password', verb: 'Change' },
  'remove-lock': { title: 'Remove this lock?', verb: 'Remove' },
  forget: { title: 'Delete this secret?', verb: 'Delete' },
};
const KINDS: readonly { readonly value: VaultLockOrder['kind']; readonly label: string; readonly description: string }[] = [
  { value: 'password', label: 'Master password', description: 'Typed after each start of the server. It cannot be found out again.' },
  { value: 'key-file', label: 'Key file', description: 'Opens by itself: a file that the server\'s user alone can read, or the credential "vault-key" of its systemd unit. Keep it out of the backups of the vault.' },
  { value: 'keyring', label: 'OS keyring', description: 'Opens by itself while the keyring of the server\'s user is open (GNOME Keyring, KWallet; the server needs secret-tool).' },
  { value: 'aws-kms', label: 'AWS KMS', description: 'Opens by itself, as long as KMS lets the server decrypt.' },
];
const EMPTY = { kind: 'password', next: '', again: '', current: '', file: '', keyId: '', region: '', profile: '', endpoint: '' };

interface DialogProps {
  readonly action: VaultAction;
  readonly vault: VaultStatus;
  readonly onClose: () => void;
  readonly onDone: (vault: VaultStatus) => void;
}

export function VaultDialog({ action, vault, onClose, onDone }: DialogProps) {
  const hasPassword = vault.locks.some(({ kind }) => kind === 'password');
  const [typed, setTyped] = useState({ ...EMPTY, kind: hasPassword ? 'key-file' : 'password' });
  const [isTried, setTried] = useState(false);
  const { problem, isBusy, call } = useVaultCall(onDone);
  const set = (changes: Partial<typeof EMPTY>): void => setTyped({ ...typed, ...changes });
  const setsPassword = action.kind === 'change-password' || ((action.kind === 'create' || action.kind === 'add-lock') && typed.kind === 'password');
  const asksPassword = action.kind !== 'create' && action.kind !== 'forget' && hasPassword;
  const isKms = typed.kind === 'aws-kms' && (action.kind === 'create' || action.kind === 'add-lock');
  const missing = (value: string): string | undefined => (isTried && value.trim() === '' ? 'This is needed.' : undefined);
  const isFit = (!setsPassword || (typed.next !== '' && typed.next === typed.again)) && (!asksPassword || typed.current !== '') && (!isKms || (typed.keyId.trim() !== '' && typed.region.trim() !== ''));
  const send = async (): Promise<void> => {
    setTried(true);
    if (isFit) await call(() => ask(action, typed, asksPassword));
  };
  return (
    <ConfirmDialog {...TITLES[action.kind]} isBusy={isBusy} problem={problem} onConfirm={() => void send()} onClose={onClose}>
      <SpaceBetween size="m">
        {action.kind === 'forget' ? <div className="breakable">{action.name} goes from the vault. What uses it asks for it again.</div> : null}
        {action.kind === 'remove-lock' ? <div className="breakable">{vault.locks.find(({ id }) => id === action.id)?.text} opens the vault no more. The secrets stay, encrypted with a new key.</div> : null}
        {action.kind === 'change-password' ? <div>All secrets are encrypted with a new key. Old copies of the file still open by the old password.</div> : null}
        {asksPassword ? <SecretField label={action.kind === 'change-password' ? 'Present master password' : 'Master password'} value={typed.current} error={missing(typed.current)} onChange={(current) => set({ current })} /> : null}
        {action.kind === 'create' || action.kind === 'add-lock' ? (
          <FormField label="What opens it"><RadioGroup ariaLabel="What opens it" value={typed.kind} items={KINDS.filter(({ value }) => !(value === 'password' && hasPassword))} onChange={({ detail }) => set({ kind: detail.value })} /></FormField>
        ) : null}
        {setsPassword ? (
          <SpaceBetween size="m">
            <SecretField label="New master password" description="At least 10 characters. If it is lost, so are the secrets." value={typed.next} error={missing(typed.next)} onChange={(next) => set({ next })} />
            <SecretField label="The same once more" value={typed.again} error={isTried && typed.again !== typed.next ? 'The two are not the same.' : undefined} onChange={(again) => set({ again })} />
          </SpaceBetween>
        ) : null}
        {typed.kind === 'key-file' && (action.kind === 'create' || action.kind === 'add-lock') ? <TextField label="Key file (optional)" description="Absolute path on the server's machine; made if it is not there. Without one: the credential of the unit." placeholder="/etc/aeneas/vault.key" value={typed.file} onChange={(file) => set({ file })} /> : null}
        {isKms ? <KmsFields typed={typed} missing={missing} onChange={set} /> : null}
      </SpaceBetween>
    </ConfirmDialog>
  );
}

function KmsFields({ typed, missing, onChange }: { readonly typed: typeof EMPTY; readonly missing: (value: string) => string | undefined; readonly onChange: (changes: Partial<typeof EMPTY>) => void }) {
  return (
    <SpaceBetween size="m">
      <TextField label="KMS key" description="Id, ARN or alias of a symmetric key. The server needs kms:Encrypt and kms:Decrypt." value={typed.keyId} error={missing(typed.keyId)} onChange={(keyId) => onChange({ keyId })} />
      <TextField label="Region" description="Of the key." placeholder="eu-central-1" value={typed.region} error={missing(typed.region)} onChange={(region) => onChange({ region })} />
      <TextField label="Profile of ~/.aws (optional)" description="Without one: the server's environment or the role of its machine." value={typed.profile} onChange={(profile) => onChange({ profile })} />
      <TextField label="KMS endpoint (optional)" description="Only where KMS is not at its usual address." placeholder="https://" value={typed.endpoint} onChange={(endpoint) => onChange({ endpoint })} />
    </SpaceBetween>
  );
}

function ask(action: VaultAction, typed: typeof EMPTY, asksPassword: boolean): Promise<VaultStatus> {
  const password = asksPassword ? { password: typed.current } : {};
  if (action.kind === 'create') return server.vault.create({ lock: orderOf(typed) });
  if (action.kind === 'add-lock') return server.vault.addLock({ lock: orderOf(typed), ...password });
  if (action.kind === 'change-password') return server.vault.changePassword({ current: typed.current, next: typed.next });
  if (action.kind === 'forget') return server.vault.forget({ name: action.name });
  return server.vault.removeLock({ id: action.id, ...password });
}

function orderOf({ kind, next, file, keyId, region, profile, endpoint }: typeof EMPTY): VaultLockOrder {
  const given = <K extends string>(key: K, value: string): { readonly [key in K]?: string } => (value.trim() === '' ? {} : { [key]: value.trim() } as { readonly [key in K]: string });
  if (kind === 'key-file') return { kind, ...given('file', file) };
  if (kind === 'keyring') return { kind };
  return kind === 'aws-kms' ? { kind, keyId: keyId.trim(), region: region.trim(), ...given('profile', profile), ...given('endpoint', endpoint) } : { kind: 'password', password: next };
}
