// An RSA key pair. The private half is shown to nobody: it is downloaded, or saved on the server's machine where that was asked for.

import { useState } from 'react';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { server } from '../../server.ts';
import { useAction } from '../../ui/answer.ts';
import { CodeBlock, download } from '../../ui/code-block.tsx';
import { useForm } from '../../ui/form-state.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { TextField } from '../../ui/text-field.tsx';

type Pair = Awaited<ReturnType<typeof server.prerequisites.osUser.generateKey>>;

export function KeyPair({ user, onGenerated }: { readonly user: string; readonly onGenerated: (publicKey: string) => void }) {
  const { values: { saveTo }, set } = useForm('prerequisites-key', { saveTo: '' });
  const [passphrase, setPassphrase] = useState('');
  const generating = useAction<Pair>();
  const generate = async (): Promise<void> => {
    const pair = await generating.run(() => server.prerequisites.osUser.generateKey({ ...(passphrase === '' ? {} : { passphrase }), ...(saveTo.trim() === '' ? {} : { saveTo: saveTo.trim() }) }));
    if (pair === undefined) return;
    setPassphrase('');
    onGenerated(pair.publicKey);
  };
  const pair = generating.value;
  const file = `${user === '' ? 'key' : user}.pem`;
  return (
    <Container header={<Header variant="h2" description="RSA, 4096 bits, in OpenSSH's format. The server keeps no copy of the private key.">RSA key</Header>}>
      <SpaceBetween size="l">
        <SecretField label="Passphrase (optional)" description="Encrypts the private key. Kept nowhere." value={passphrase} onChange={setPassphrase} />
        <TextField label="Save on the server's machine (optional)" description="Path of a new file, readable by its owner alone. Without one the key is downloaded." placeholder="/srv/keys/sct_extractor.pem" value={saveTo} onChange={(to) => set({ saveTo: to })} />
        <Button loading={generating.isBusy} loadingText="The key is generated" onClick={() => void generate()}>Generate an RSA key</Button>
        {generating.problem === undefined ? null : <ProblemAlert title="No key was generated" problem={generating.problem} />}
        {pair === undefined ? null : (
          <SpaceBetween size="s">
            <output>The key {pair.fingerprint} was generated; its public half is in the commands below. {pair.savedTo === undefined ? 'Download the private one now: it is nowhere else.' : `The private one is in ${pair.savedTo}.`}</output>
            {pair.privateKey === undefined ? null : <Button variant="primary" iconName="download" onClick={() => download(file, pair.privateKey!)}>Download the generated key</Button>}
            {pair.privateKey === undefined ? null : <CodeBlock label="Command after the download" text={`chmod 600 ${file}`} />}
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Container>
  );
}
