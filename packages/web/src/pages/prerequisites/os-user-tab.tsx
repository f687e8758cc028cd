import type { OsUserCommands, OsUserScope } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Place } from '../../place.ts';
import { server } from '../../server.ts';
import { useAnswer } from '../../ui/answer.ts';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { download } from '../../ui/code-block.tsx';
import { useForm } from '../../ui/form-state.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { CommandSteps } from './command-steps.tsx';
import { FormChoice, formOf } from './form-choice.tsx';
import { KeyPair } from './key-pair.tsx';
import { namesIn } from './names-in.ts';
import { OsUserCheckBox } from './os-user-check.tsx';
import type { OsUserValues } from './os-user-check.tsx';

const EMPTY: OsUserValues = { install: 'package', login: 'ec2-user', purpose: 'read', user: 'sct_extractor', dataDirectories: '/var/lib/cassandra/data', configuration: '/etc/cassandra', home: '/opt/cassandra', publicKey: '' };
const askCommands = (question: Partial<OsUserScope>): Promise<OsUserCommands> => server.prerequisites.osUser.commands(question);

export function OsUserTab({ place }: { readonly place: Place }) {
  const { values, set } = useForm('prerequisites-os-user', EMPTY);
  const { install, login, purpose, user, dataDirectories, configuration, home, publicKey } = values;
  const question = {
    form: formOf(place), install: install as OsUserScope['install'], login: login as OsUserScope['login'], purpose: purpose as OsUserScope['purpose'], user: user.trim(), dataDirectories: namesIn(dataDirectories),
    configuration: configuration.trim(), home: home.trim(), ...(publicKey.trim() === '' ? {} : { publicKey: publicKey.trim() }),
  };
  const { value, problem } = useAnswer(question, askCommands);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" description="A user on each Cassandra node that reads what the node has written.">What it is for</Header>}>
        <SpaceBetween size="l">
          <FormChoice place={place} least="No rights of root for reading; for cloning a few commands, and two files." seed="NOPASSWD: ALL and the group of root, with the garbled commands repaired." />
          <ChoiceField label="How Cassandra was installed" value={install} onChange={(to) => set({ install: to })} items={[{ value: 'package', label: 'From a package' }, { value: 'tarball', label: 'From the binary tarball' }]} />
          <ChoiceField label="OS user" value={login} onChange={(to) => set({ login: to })} items={['ec2-user', 'ubuntu', 'centos'].map((name) => ({ value: name, label: name }))} />
          <ChoiceField label="What it will do" value={purpose} onChange={(to) => set({ purpose: to })} items={[{ value: 'read', label: 'Extract from the node' }, { value: 'clone', label: 'Also clone its datacenter', description: 'Its snitch is changed, and Cassandra restarted.' }]} />
          <TextField label="Name of the user" description="It is created." value={user} onChange={(to) => set({ user: to })} />
          <TextField label="Data directories" description="data_file_directories of cassandra.yaml, separated by spaces." value={dataDirectories} onChange={(to) => set({ dataDirectories: to })} />
          <TextField label="Configuration" description="Folder of cassandra.yaml." value={configuration} onChange={(to) => set({ configuration: to })} />
          {install === 'tarball' ? <TextField label="Installation" description="Folder of the tarball's files." value={home} onChange={(to) => set({ home: to })} /> : null}
          <TextField label="Public key (optional)" description="Let in by it. Generate a pair below, or paste your own; without one a key is generated on the node." placeholder="ssh-rsa AAAA..." value={publicKey} onChange={(to) => set({ publicKey: to })} />
        </SpaceBetween>
      </Container>
      <KeyPair user={user.trim()} onGenerated={(to) => set({ publicKey: to })} />
      {problem === undefined ? null : <ProblemAlert title="There are no commands for this" problem={problem} />}
      {value === undefined ? null : (
        <CommandSteps steps={value.steps} repairs={value.repairs} actions={<Button iconName="download" onClick={() => download('source-os-user.sh', value.script)}>Download as a script</Button>} />
      )}
      <OsUserCheckBox values={values} />
    </SpaceBetween>
  );
}
