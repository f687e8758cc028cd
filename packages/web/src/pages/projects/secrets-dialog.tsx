import { useState } from 'react';
import type { ConnectionSecrets, SecretName } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Problem } from '../../problem.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { SecretField } from '../../ui/secret-field.tsx';

const LABELS: Readonly<Record<SecretName, string>> = { password: 'Password', trustStorePassword: 'Trust store password', keyStorePassword: 'Key store password', secretKey: 'AWS secret key' };

interface SecretsDialogProps {
  readonly connection: string;
  readonly needs: readonly SecretName[];
  readonly isBusy: boolean;
  readonly problem: Problem | undefined;
  readonly onConnect: (secrets: ConnectionSecrets) => void;
  readonly onClose: () => void;
}

/** Asks for what is not stored. What was typed stays when it was refused. */
export function SecretsDialog({ connection, needs, isBusy, problem, onConnect, onClose }: SecretsDialogProps) {
  const [secrets, setSecrets] = useState<ConnectionSecrets>({});
  return (
    <Modal visible header={`Connect ${connection}`} closeAriaLabel="Close" onDismiss={onClose}>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        onConnect(Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== '')));
      }}>
        <SpaceBetween size="m">
          {problem === undefined ? null : <ProblemAlert title="It does not connect" problem={problem} />}
          {needs.map((name) => <SecretField key={name} label={LABELS[name]} value={secrets[name] ?? ''} onChange={(value) => setSecrets({ ...secrets, [name]: value })} />)}
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={onClose}>Cancel</Button>
              <Button variant="primary" loading={isBusy} loadingText="Connecting">Connect</Button>
            </SpaceBetween>
          </Box>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
