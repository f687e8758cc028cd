import { useState } from 'react';
import type { Finding, OsUserScope } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { server } from '../../server.ts';
import { useAction } from '../../ui/answer.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { FindingList } from '../../ui/finding-list.tsx';
import { useForm } from '../../ui/form-state.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { namesIn } from './names-in.ts';

/** What was typed above. */
export type OsUserValues = Readonly<Record<'install' | 'login' | 'purpose' | 'user' | 'dataDirectories' | 'configuration' | 'home' | 'publicKey', string>>;

interface ShownKey {
  readonly type: string;
  readonly fingerprint: string;
}

/** Logs in for real, once the host key was confirmed; a confirmed key is asked for again when the page is loaded anew. */
export function OsUserCheckBox({ values: { user, purpose, dataDirectories, configuration } }: { readonly values: OsUserValues }) {
  const { values: { host, port, keyFile }, set } = useForm('prerequisites-os-check', { host: '', port: '22', keyFile: '' });
  const [secret, setSecret] = useState('');
  const [confirmed, setConfirmed] = useState<Readonly<Record<string, string>>>({});
  const showing = useAction<ShownKey>();
  const checking = useAction<{ readonly findings: readonly Finding[] }>();
  const place = { host: host.trim(), port: Number(port) };
  const at = `${place.host}, port ${port}`;
  const check = async (fingerprint: string): Promise<void> => {
    const credentials = keyFile.trim() === '' ? { password: secret } : { keyFile: keyFile.trim(), ...(secret === '' ? {} : { passphrase: secret }) };
    await checking.run(() => server.prerequisites.osUser.check({
      ...place, user: user.trim(), fingerprint, purpose: purpose as OsUserScope['purpose'], dataDirectories: namesIn(dataDirectories), configuration: configuration.trim(), ...credentials,
    }));
  };
  const begin = (): void => {
    checking.clear();
    const known = confirmed[at];
    if (known === undefined) void showing.run(() => server.prerequisites.osUser.hostKey(place));
    else void check(known);
  };
  const shown = showing.value;
  return (
    <Container header={<Header variant="h2" description="Logs in by SSH and looks: host key, sudo rights, groups, directories. Nothing is changed.">Check</Header>}>
      <SpaceBetween size="l">
        <TextField label="Private IP of the node" description="Or its host name." placeholder="172.28.37.102" value={host} onChange={(to) => set({ host: to })} />
        <TextField label="SSH port" description="Of the node." value={port} onChange={(to) => set({ port: to })} />
        <TextField label="Key path (optional)" description="Private key on the server's machine. Without one a password is used." placeholder="/srv/keys/sct_extractor.pem" value={keyFile} onChange={(to) => set({ keyFile: to })} />
        <SecretField label={keyFile.trim() === '' ? 'OS password' : 'Passphrase (optional)'} description="Used for this check, and kept nowhere." value={secret} onChange={setSecret} />
        <Button disabled={place.host === ''} loading={showing.isBusy || checking.isBusy} loadingText="The node is looked at" onClick={begin}>Check</Button>
        {showing.problem === undefined ? null : <ProblemAlert title="The node could not be reached" problem={showing.problem} />}
        {checking.problem === undefined ? null : <ProblemAlert title="That could not be checked" problem={checking.problem} />}
        {checking.value === undefined ? null : <FindingList findings={checking.value.findings} />}
      </SpaceBetween>
      {shown === undefined ? null : (
        <ConfirmDialog title={`Is this the host key of ${place.host}?`} verb="It is" isBusy={false} problem={undefined} onClose={showing.clear} onConfirm={() => {
          setConfirmed({ ...confirmed, [at]: shown.fingerprint });
          showing.clear();
          void check(shown.fingerprint);
        }}>
          <SpaceBetween size="s">
            <div>{at} shows this key ({shown.type}):</div>
            <Box variant="code"><span className="breakable">{shown.fingerprint}</span></Box>
            <div>On the node itself &quot;ssh-keygen -lf /etc/ssh/ssh_host_{shown.type.replace(/^ssh-|-.*$/g, '')}_key.pub&quot; prints it. If they differ, somebody is between you and the node.</div>
          </SpaceBetween>
        </ConfirmDialog>
      )}
    </Container>
  );
}
