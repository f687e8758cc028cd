import { useState } from 'react';
import type { AgentDetail, AgentSecretName, AgentSecrets } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { server } from '../server.ts';
import { useAction } from '../ui/answer.ts';
import { ProblemAlert } from '../ui/problem.tsx';
import { SecretField } from '../ui/secret-field.tsx';
import { StoreChoice } from '../ui/store-choice.tsx';
import { TextField } from '../ui/text-field.tsx';

const LABELS: Readonly<Record<AgentSecretName, string>> = { servicePassword: 'Password', trustStorePassword: 'Trust store password', keyStorePassword: 'Key store password' };
const PLACES = { vault: 'In the vault. Empty: it stays.', memory: 'In the server\'s memory until it ends. Empty: it stays.', missing: 'Not known now: it was not stored, or the vault is locked.' } as const;

/** The description of an agent, and the passwords that were typed for it. What was typed stays when it is refused. */
export function EditAgent({ agent, onClose, onSaved }: { readonly agent: AgentDetail; readonly onClose: () => void; readonly onSaved: (agent: AgentDetail) => void }) {
  const { name, typedSecrets = [] } = agent;
  const [description, setDescription] = useState(agent.description ?? '');
  const [secrets, setSecrets] = useState<AgentSecrets>({});
  const [isStored, setStored] = useState(typedSecrets.some(({ place }) => place === 'vault'));
  const [wasStoredAsked, setStoredAsked] = useState(false);
  const { problem, isBusy, run } = useAction<AgentDetail>();
  const save = async (): Promise<void> => {
    const typed = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ''));
    const saved = await run(() => server.agents.change({ name, description, secrets: typed, ...(wasStoredAsked || Object.keys(typed).length > 0 ? { storePassword: isStored } : {}) }));
    if (saved !== undefined) onSaved(saved);
  };
  return (
    <Modal visible header={`Edit agent ${name}`} closeAriaLabel="Close" onDismiss={onClose}>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}>
        <SpaceBetween size="m">
          {problem === undefined ? null : <ProblemAlert title="It was not saved" problem={problem} />}
          <TextField label="Description" description="A short one, for people." value={description} error={description.trim().length > 200 ? 'It has more than 200 characters.' : undefined} onChange={setDescription} />
          {typedSecrets.map(({ secret, place }) => (
            <SecretField key={secret} label={LABELS[secret]} description={PLACES[place]} value={secrets[secret] ?? ''} onChange={(value) => setSecrets({ ...secrets, [secret]: value })} />
          ))}
          {typedSecrets.length === 0 ? null : <StoreChoice what="password" isChecked={isStored} onChange={(isChecked) => {
            setStored(isChecked);
            setStoredAsked(true);
          }} />}
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={onClose}>Cancel</Button>
              <Button variant="primary" loading={isBusy} loadingText="Saving" disabled={description.trim().length > 200}>Save</Button>
            </SpaceBetween>
          </Box>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
