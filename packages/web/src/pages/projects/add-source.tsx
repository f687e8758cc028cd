// Add source: Apache Cassandra, live, or its files.

import { useState } from 'react';
import type { ConnectionSecrets, ProjectDetails, SourceConnection } from '@aeneas/protocol';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Place } from '../../place.ts';
import { server } from '../../server.ts';
import { useForm } from '../../ui/form-state.ts';
import { SecretField } from '../../ui/secret-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ChooseKind } from './choose-kind.tsx';
import { ConnectionForm } from './connection-form.tsx';
import { WithProject } from './with-project.tsx';

const KINDS = [
  { value: 'cassandra', label: 'Cassandra', description: 'A cluster that runs' },
  { value: 'sstables', label: 'SSTable directory', description: 'Data directories, or a snapshot\'s copy, on the server\'s machine' },
];
const NEW = {
  name: '', serverName: '', serverPort: '9042', userName: '', useSsl: 'no', trustStore: '', keyStore: '', verifyHostName: 'yes', storePassword: 'no', directories: '', schema: '',
};
type Values = typeof NEW;
const NO_SECRETS = { password: '', trustStorePassword: '', keyStorePassword: '' };
const yes = (isYes: boolean): string => (isYes ? 'yes' : 'no');

export function AddSourcePage({ name, place }: { readonly name: string; readonly place: Place }) {
  if (place.query.get('step') === 'choose') return <ChooseKind project={name} title="Add source" kinds={KINDS} />;
  const kind = place.query.get('of') === 'sstables' ? 'sstables' : 'cassandra';
  return <WithProject name={name}>{(project, set) => <SourceForm key={place.query.get('edit')} project={project} setProject={set} added={kind} edits={place.query.get('edit') ?? undefined} />}</WithProject>;
}

interface SourceFormProps {
  readonly project: ProjectDetails;
  readonly setProject: (project: ProjectDetails) => void;
  /** What a new one is of. */
  readonly added: SourceConnection['kind'];
  readonly edits: string | undefined;
}

function SourceForm({ project, setProject, added, edits }: SourceFormProps) {
  const edited = project.sources.find(({ connection }) => connection.name === edits)?.connection;
  const form = useForm(`source-${project.name}-${edits ?? ''}`, edited === undefined ? NEW : valuesOf(edited));
  const [secrets, setSecrets] = useState(NO_SECRETS);
  const [isTried, setTried] = useState(false);
  const { values, set } = form;
  const kind = edited?.kind ?? added;
  const isLive = kind === 'cassandra';
  const isOn = (field: keyof Values): boolean => values[field] === 'yes';
  const needed: readonly (keyof Values)[] = isLive ? ['name', 'serverName', 'serverPort'] : ['name', 'directories'];
  const isPort = /^[1-9]\d{0,4}$/.test(values.serverPort) && Number(values.serverPort) <= 65_535;
  const typed = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== '')) as ConnectionSecrets;
  const text = (id: keyof Values, label: string, description: string, placeholder = '') => (
    <TextField label={label} description={description} placeholder={placeholder} value={values[id]}
      error={isTried && needed.includes(id) && values[id].trim() === '' ? 'This is needed.' : isTried && id === 'serverPort' && !isPort ? 'A port is a number from 1 to 65535.' : undefined} onChange={(value) => set({ [id]: value })} />
  );
  const secret = (id: keyof typeof NO_SECRETS, label: string) => (
    <SecretField label={label} description={edited === undefined ? '' : 'Empty: the one that was typed before.'} value={secrets[id]} onChange={(value) => setSecrets({ ...secrets, [id]: value })} />
  );
  const request = { name: project.name, connection: connectionOf(kind, values), secrets: isLive ? typed : {} };
  return (
    <ConnectionForm
      title={edited === undefined ? 'Add source' : `Edit source ${edited.name}`}
      about={isLive ? 'Apache Cassandra 2.1 to 5.0, over its native protocol.' : 'The files of nodes of Apache Cassandra 2.1 to 5.0.'}
      project={project}
      side="sources"
      connection={values.name.trim()}
      secrets={request.secrets}
      isComplete={needed.every((id) => values[id].trim() !== '') && (!isLive || isPort)}
      onTried={() => setTried(true)}
      onReloaded={setProject}
      onSaved={form.forget}
      test={() => server.projects.testSource(request)}
      save={(version) => server.projects.saveSource({ ...request, version, ...(edited === undefined ? {} : { replaces: edited.name }) })}
    >
      {text('name', 'Connection name', 'The name of the database in the tree on the left.', 'production')}
      {isLive ? (
        <SpaceBetween size="l">
          {text('serverName', 'Server name', 'DNS name or IP address of a node.', '10.0.0.11')}
          {text('serverPort', 'Server port', 'Of the native protocol.')}
          {text('userName', 'User name', 'Empty: the cluster asks for no login.', 'min_privs')}
          {values.userName === '' ? null : secret('password', 'Password')}
          <Checkbox checked={isOn('useSsl')} onChange={({ detail }) => set({ useSsl: yes(detail.checked) })} description="The connection is encrypted (TLS).">Use SSL</Checkbox>
          {isOn('useSsl') ? (
            <SpaceBetween size="l">
              {text('trustStore', 'Trust store', 'PKCS#12 or JKS file on the server\'s machine, with the authority of the nodes\' certificates. Empty: those that the system trusts.', '/srv/stores/trust.p12')}
              {values.trustStore === '' ? null : secret('trustStorePassword', 'Trust store password')}
              {text('keyStore', 'Key store', 'PKCS#12 or JKS file with the client\'s certificate and key, where the nodes ask for one.', '/srv/stores/server.p12')}
              {values.keyStore === '' ? null : secret('keyStorePassword', 'Key store password')}
              <Checkbox checked={isOn('verifyHostName')} onChange={({ detail }) => set({ verifyHostName: yes(detail.checked) })}
                description="Turn it off for certificates that do not name the nodes. Whoever has any certificate of the same authority could then pose as a node.">Check the host name</Checkbox>
            </SpaceBetween>
          ) : null}
          <Checkbox checked={isOn('storePassword')} onChange={({ detail }) => set({ storePassword: yes(detail.checked) })}
            description="Passwords are kept in the vault. Otherwise they are asked for again once the project was closed or the server started anew.">Store Password</Checkbox>
        </SpaceBetween>
      ) : (
        <SpaceBetween size="l">
          <FormField label="Directories" description="Data directories as in cassandra.yaml, one a line; those of several nodes are merged." errorText={isTried && values.directories.trim() === '' ? 'This is needed.' : ''} i18nStrings={{ errorIconAriaLabel: 'Error' }}>
            <Textarea value={values.directories} rows={3} spellcheck={false} placeholder="/var/lib/cassandra/data" onChange={({ detail }) => set({ directories: detail.value })} />
          </FormField>
          {text('schema', 'Schema file (optional)', 'CQL text, where the directories hold no schema tables.', '/srv/schema.cql')}
        </SpaceBetween>
      )}
    </ConnectionForm>
  );
}

function valuesOf(source: SourceConnection): Values {
  if (source.kind === 'sstables') return { ...NEW, name: source.name, directories: source.directories.join('\n'), schema: source.schema ?? '' };
  const { name, serverName, serverPort, userName = '', ssl, storePassword } = source;
  return {
    ...NEW, name, serverName, userName, serverPort: String(serverPort), storePassword: yes(storePassword), useSsl: yes(ssl !== undefined), trustStore: ssl?.trustStore ?? '', keyStore: ssl?.keyStore ?? '',
    verifyHostName: yes(ssl?.verifyHostName ?? true),
  };
}

function connectionOf(kind: SourceConnection['kind'], values: Values): SourceConnection {
  const given = <K extends keyof Values>(key: K): Partial<Record<K, string>> => (values[key].trim() === '' ? {} : { [key]: values[key].trim() } as Record<K, string>);
  const name = values.name.trim();
  if (kind === 'sstables') return { kind: 'sstables', name, directories: values.directories.split('\n').map((line) => line.trim()).filter((line) => line !== ''), ...given('schema') };
  return {
    kind: 'cassandra', name, serverName: values.serverName.trim(), serverPort: Number(values.serverPort), ...given('userName'), storePassword: values.storePassword === 'yes',
    ...(values.useSsl === 'yes' ? { ssl: { ...given('trustStore'), ...given('keyStore'), verifyHostName: values.verifyHostName === 'yes' } } : {}),
  };
}
