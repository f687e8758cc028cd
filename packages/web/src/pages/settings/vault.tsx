import { useState } from 'react';
import type { VaultStatus } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { server } from '../../server.ts';
import { useLoaded } from '../../ui/loaded.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { VaultDialog } from './vault-dialog.tsx';
import type { VaultAction } from './vault-dialog.tsx';
import { useVaultCall } from './vault-call.ts';

const loadVault = () => server.vault.status();

export function VaultTab() {
  const { value, problem, put } = useLoaded(loadVault);
  const [action, setAction] = useState<VaultAction>();
  if (problem !== undefined) return <ProblemAlert title="The vault could not be asked" problem={problem} />;
  if (value === undefined) return <output>Asking the server ...</output>;
  const { state } = value;
  return (
    <SpaceBetween size="l">
      <Container header={
        <Header variant="h2" description={<span className="breakable">Passwords and keys that are to be stored, in one encrypted file: {value.file}</span>}
          actions={state === 'open' ? <OpenActions vault={value} onAction={setAction} onChange={put} /> : null}>Vault</Header>
      }>
        <SpaceBetween size="l">
          {value.problem === undefined ? null : <ProblemAlert title="The vault cannot be used" problem={value.problem} />}
          {state === 'absent' ? <div><StatusIndicator type="stopped">There is no vault yet</StatusIndicator> Until there is one, the server keeps secrets in memory only, and asks again after its next start.</div> : null}
          {state === 'absent' ? <Button variant="primary" onClick={() => setAction({ kind: 'create' })}>Create the vault</Button> : null}
          {state === 'locked' && value.problem === undefined ? <OpenForm vault={value} onOpen={put} /> : null}
          {state === 'open' ? <StatusIndicator type="success">Open</StatusIndicator> : null}
          {value.locks.length === 0 ? null : <Locks vault={value} onRemove={(id) => setAction({ kind: 'remove-lock', id })} />}
        </SpaceBetween>
      </Container>
      {value.secrets === undefined ? null : <Stored names={value.secrets} onForget={(name) => setAction({ kind: 'forget', name })} />}
      {action === undefined ? null : <VaultDialog key={action.kind} action={action} vault={value} onClose={() => setAction(undefined)} onDone={(vault) => {
        put(vault);
        setAction(undefined);
      }} />}
    </SpaceBetween>
  );
}

function OpenActions({ vault, onAction, onChange }: { readonly vault: VaultStatus; readonly onAction: (action: VaultAction) => void; readonly onChange: (vault: VaultStatus) => void }) {
  const hasPassword = vault.locks.some(({ kind }) => kind === 'password');
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {hasPassword ? <Button onClick={() => onAction({ kind: 'change-password' })}>Change master password</Button> : null}
      <Button onClick={() => onAction({ kind: 'add-lock' })}>Add a lock</Button>
      <Button onClick={() => void server.vault.lock().then(onChange, () => {})}>Lock</Button>
    </SpaceBetween>
  );
}

function OpenForm({ vault, onOpen }: { readonly vault: VaultStatus; readonly onOpen: (vault: VaultStatus) => void }) {
  const [password, setPassword] = useState('');
  const { problem, isBusy, call } = useVaultCall(onOpen);
  const isUnattended = vault.locks.some(({ kind }) => kind !== 'password');
  const hasPassword = vault.locks.some(({ kind }) => kind === 'password');
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      if (password !== '') void call(() => server.vault.open({ password }));
    }}>
      <SpaceBetween size="m">
        <StatusIndicator type="warning">Locked</StatusIndicator>
        {problem === undefined ? null : <ProblemAlert title="The vault was not opened" problem={problem} />}
        {hasPassword ? <SecretField label="Master password" value={password} onChange={setPassword} /> : null}
        <SpaceBetween direction="horizontal" size="xs">
          {hasPassword ? <Button variant="primary" loading={isBusy} loadingText="The vault is being opened">Open</Button> : null}
          {isUnattended ? <Button formAction="none" onClick={() => void call(() => server.vault.open({}))}>Open by its key</Button> : null}
        </SpaceBetween>
      </SpaceBetween>
    </form>
  );
}

function Locks({ vault: { locks, state }, onRemove }: { readonly vault: VaultStatus; readonly onRemove: (id: string) => void }) {
  return (
    <div>
      <h3>What opens it</h3>
      <ul>
        {locks.map(({ id, text }) => (
          <li key={id} className="breakable">{text} {state === 'open' && locks.length > 1 ? <Button variant="inline-link" ariaLabel={`Remove ${text}`} onClick={() => onRemove(id)}>Remove</Button> : null}</li>
        ))}
      </ul>
    </div>
  );
}

function Stored({ names, onForget }: { readonly names: readonly string[]; readonly onForget: (name: string) => void }) {
  return (
    <Container header={<Header variant="h2" counter={`(${names.length})`} description="Names only: no page and no command shows a secret.">Stored secrets</Header>}>
      {names.length === 0 ? 'Nothing is stored.' : (
        <ul>{names.map((name) => <li key={name} className="breakable">{name} <Button variant="inline-link" ariaLabel={`Delete ${name}`} onClick={() => onForget(name)}>Delete</Button></li>)}</ul>
      )}
    </Container>
  );
}
