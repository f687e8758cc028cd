import { useState } from 'react';
import type { DbUserCommands, DbUserScope, Finding } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { server } from '../../server.ts';
import { useAction, useAnswer } from '../../ui/answer.ts';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { FindingList } from '../../ui/finding-list.tsx';
import { useForm } from '../../ui/form-state.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { CommandSteps } from './command-steps.tsx';
import { namesIn } from './names-in.ts';

const VERSIONS = ['2.1', '2.2', '3.0', '3.1', '3.11', '4.0', '4.1', '5.0'].map((value) => ({ value, label: `Cassandra ${value}` }));
const EMPTY = { version: '3.11', install: 'package', purpose: 'read', user: 'min_privs', keyspaces: '', configuration: '/etc/cassandra' };

const askCommands = (question: Partial<DbUserScope>): Promise<DbUserCommands> => server.prerequisites.dbUser.commands(question);

export function DbUserTab() {
  const { values, set } = useForm('prerequisites-db-user', EMPTY);
  const { version, install, purpose, user, keyspaces, configuration } = values;
  const question = { version: version as DbUserScope['version'], install: install as DbUserScope['install'], purpose: purpose as DbUserScope['purpose'], user: user.trim(), keyspaces: namesIn(keyspaces), configuration: configuration.trim() };
  const { value, problem } = useAnswer(question, askCommands);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" description="A user of the database that reads the schema and sample rows, and may do nothing else.">What it is for</Header>}>
        <SpaceBetween size="l">
          <FormField label="Version">
            <Select selectedOption={VERSIONS.find((one) => one.value === version) ?? null} options={VERSIONS} ariaLabel="Version" onChange={({ detail }) => set({ version: detail.selectedOption.value ?? '3.11' })} />
          </FormField>
          <ChoiceField label="How Cassandra was installed" value={install} onChange={(to) => set({ install: to })} items={[{ value: 'package', label: 'From a package' }, { value: 'tarball', label: 'From the binary tarball' }]} />
          <ChoiceField label="What it will do" value={purpose} onChange={(to) => set({ purpose: to })} items={[{ value: 'read', label: 'Read schema and sample rows' }, { value: 'clone', label: 'Also clone a datacenter', description: 'The replication of keyspaces is changed.' }]} />
          <TextField label="Name of the user" description="It is created." value={user} onChange={(to) => set({ user: to })} />
          <TextField label="Keyspaces" description="Those that are migrated, separated by spaces." placeholder="shop customers" value={keyspaces} onChange={(to) => set({ keyspaces: to })} />
          <TextField label="Configuration" description="Folder of cassandra.yaml." value={configuration} onChange={(to) => set({ configuration: to })} />
        </SpaceBetween>
      </Container>
      {problem === undefined ? null : <ProblemAlert title="There are no commands for this" problem={problem} />}
      {value === undefined ? null : <CommandSteps steps={value.steps} repairs={value.repairs} />}
      <DbUserCheckBox user={question.user} purpose={question.purpose} keyspaces={question.keyspaces} />
    </SpaceBetween>
  );
}

function DbUserCheckBox({ user, purpose, keyspaces }: Pick<DbUserScope, 'user' | 'purpose' | 'keyspaces'>) {
  const { values: { host, port, trustStore, keyStore }, set } = useForm('prerequisites-db-check', { host: '', port: '9042', trustStore: '', keyStore: '' });
  const [password, setPassword] = useState('');
  const [storePassword, setStorePassword] = useState('');
  const [keyStorePassword, setKeyStorePassword] = useState('');
  const checking = useAction<{ readonly findings: readonly Finding[] }>();
  const check = (): void => void checking.run(() => server.prerequisites.dbUser.check({
    host: host.trim(), port: Number(port), user, password, purpose, keyspaces, ...(trustStore.trim() === '' ? {} : { trustStore: trustStore.trim(), trustStorePassword: storePassword }),
    ...(keyStore.trim() === '' ? {} : { keyStore: keyStore.trim(), keyStorePassword }),
  }));
  return (
    <Container header={<Header variant="h2" description="Logs in by CQL and looks: whether logins are asked for, what the user may read, and whether it may more. Nothing is changed.">Check</Header>}>
      <SpaceBetween size="l">
        <TextField label="Server name" description="Host name or address of a node." placeholder="172.28.37.102" value={host} onChange={(to) => set({ host: to })} />
        <TextField label="Server port" description="Of its native transport." value={port} onChange={(to) => set({ port: to })} />
        <SecretField label="Password" description="Used for this check, and kept nowhere." value={password} onChange={setPassword} />
        <TextField label="Trust store (optional)" description="PKCS#12 or JKS file on the server's machine: connect by TLS." value={trustStore} onChange={(to) => set({ trustStore: to })} />
        {trustStore.trim() === '' ? null : <SecretField label="Trust store password" description="Used for this check, and kept nowhere." value={storePassword} onChange={setStorePassword} />}
        <TextField label="Key store (optional)" description="PKCS#12 or JKS file on the server's machine, where the node demands a certificate." value={keyStore} onChange={(to) => set({ keyStore: to })} />
        {keyStore.trim() === '' ? null : <SecretField label="Key store password" description="Used for this check, and kept nowhere." value={keyStorePassword} onChange={setKeyStorePassword} />}
        <Button disabled={host.trim() === ''} loading={checking.isBusy} loadingText="The node is asked" onClick={check}>Check</Button>
        {checking.problem === undefined ? null : <ProblemAlert title="That could not be checked" problem={checking.problem} />}
        {checking.value === undefined ? null : <FindingList findings={checking.value.findings} />}
      </SpaceBetween>
    </Container>
  );
}
