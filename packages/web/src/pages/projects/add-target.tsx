// Add target: Amazon DynamoDB.

import { useState } from 'react';
import type { ConnectionSecrets, ProjectDetails, TargetConnection } from '@aeneas/protocol';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Place } from '../../place.ts';
import { server } from '../../server.ts';
import { useForm } from '../../ui/form-state.ts';
import { SecretField } from '../../ui/secret-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useAsked } from './asked.ts';
import { ChooseKind } from './choose-kind.tsx';
import { ConnectionForm } from './connection-form.tsx';
import { WithProject } from './with-project.tsx';

const NEW = { name: '', profile: '', awsServiceProfile: '', accessKey: '', region: '', endpoint: '', storePassword: 'no' };
type Values = typeof NEW;

const KINDS = [{ value: 'dynamodb', label: 'Amazon DynamoDB', description: 'In a Region of your account, or at an endpoint of your own' }];

export function AddTargetPage({ name, place }: { readonly name: string; readonly place: Place }) {
  if (place.query.get('step') === 'choose') return <ChooseKind project={name} title="Add target" kinds={KINDS} />;
  return <WithProject name={name}>{(project, set) => <TargetForm key={place.query.get('edit')} project={project} setProject={set} edits={place.query.get('edit') ?? undefined} />}</WithProject>;
}

function TargetForm({ project, setProject, edits }: { readonly project: ProjectDetails; readonly setProject: (project: ProjectDetails) => void; readonly edits: string | undefined }) {
  const edited = project.targets.find(({ connection }) => connection.name === edits)?.connection;
  const form = useForm(`target-${project.name}-${edits ?? ''}`, edited === undefined ? NEW : valuesOf(edited));
  const [secretKey, setSecretKey] = useState('');
  const [isTried, setTried] = useState(false);
  const { value: offered = { service: [], shared: [] } } = useAsked('aws-profiles', () => server.projects.awsProfiles());
  const { values, set } = form;
  const needed: readonly (keyof Values)[] = ['name', 'region'];
  const text = (id: keyof Values, label: string, description: string, placeholder = '') => (
    <TextField label={label} description={description} placeholder={placeholder} value={values[id]} error={isTried && needed.includes(id) && values[id].trim() === '' ? 'This is needed.' : undefined} onChange={(value) => set({ [id]: value })} />
  );
  const secrets: ConnectionSecrets = secretKey === '' || values.accessKey === '' ? {} : { secretKey };
  const request = { name: project.name, connection: connectionOf(values), secrets };
  const choices = offeredChoices(offered);
  const chosen = values.awsServiceProfile !== '' ? `${SERVICE}${values.awsServiceProfile}` : values.profile !== '' ? `${SHARED}${values.profile}` : '';
  const copy = (choice: string): void => {
    const service = choice.startsWith(SERVICE) ? choice.slice(SERVICE.length) : '';
    const region = offered.service.find((profile) => profile.name === service)?.region;
    set({ awsServiceProfile: service, profile: choice.startsWith(SHARED) ? choice.slice(SHARED.length) : '', ...(choice === '' ? {} : { accessKey: '' }), ...(region === undefined ? {} : { region }) });
  };
  return (
    <ConnectionForm
      title={edited === undefined ? 'Add target' : `Edit target ${edited.name}`}
      about="Amazon DynamoDB. Without profile and access key the server's own credentials are used: its environment, or its instance role."
      project={project}
      side="targets"
      connection={values.name.trim()}
      secrets={secrets}
      isComplete={needed.every((id) => values[id].trim() !== '')}
      onTried={() => setTried(true)}
      onReloaded={setProject}
      onSaved={form.forget}
      test={() => server.projects.testTarget(request)}
      save={(version) => server.projects.saveTarget({ ...request, version, ...(edited === undefined ? {} : { replaces: edited.name }) })}
    >
      {text('name', 'Connection name', 'The name of the database in the tree on the right.', 'dynamodb')}
      <FormField label="Copy from AWS profile" description="Access key and secret key are the profile's: they are taken from there when they are needed, and copied nowhere. With an AWS service profile the Region is filled in.">
        <Select selectedOption={selectedChoice(choices, chosen)} options={choices} selectedAriaLabel="Selected" onChange={({ detail }) => copy(detail.selectedOption.value ?? '')} />
      </FormField>
      {chosen === '' ? (
        <SpaceBetween size="l">
          {text('accessKey', 'AWS access key', 'Empty: the server\'s own credentials.')}
          {values.accessKey === '' ? null : (
            <SpaceBetween size="l">
              <SecretField label="AWS secret key" description={edited === undefined ? '' : 'Empty: the one that was typed before.'} value={secretKey} onChange={setSecretKey} />
              <Checkbox checked={values.storePassword === 'yes'} onChange={({ detail }) => set({ storePassword: detail.checked ? 'yes' : 'no' })} description="The secret key is kept in the vault. Otherwise it is asked for again once the project was closed or the server started anew.">Store Password</Checkbox>
            </SpaceBetween>
          )}
        </SpaceBetween>
      ) : null}
      {text('region', 'Region', 'Data is migrated to DynamoDB in this AWS Region.', 'eu-central-1')}
      {text('endpoint', 'Endpoint (optional)', 'For a DynamoDB that is not of AWS, such as a local one.', 'http://127.0.0.1:8000')}
    </ConnectionForm>
  );
}

/** Names may be the same on both sides. */
const SERVICE = 'service/';
const SHARED = 'shared/';
const NONE = { value: '', label: 'None' };
interface Choice { readonly value: string; readonly label: string; readonly description?: string }
type Choices = readonly (Choice | { readonly label: string; readonly options: readonly Choice[] })[];

function offeredChoices({ service, shared }: { readonly service: readonly { readonly name: string; readonly region: string; readonly keys: string }[]; readonly shared: readonly string[] }): Choices {
  const known = service.map(({ name, region, keys }) => ({ value: `${SERVICE}${name}`, label: name, description: keys === 'missing' ? `${region}; its access key is not known now: open the vault` : region }));
  return [
    NONE,
    ...(known.length === 0 ? [] : [{ label: 'AWS service profiles (Global Settings)', options: known }]),
    ...(shared.length === 0 ? [] : [{ label: 'Profiles of ~/.aws', options: shared.map((name) => ({ value: `${SHARED}${name}`, label: name })) }]),
  ];
}

function selectedChoice(choices: Choices, chosen: string): Choice {
  const all = choices.flatMap((choice) => ('options' in choice ? choice.options : [choice]));
  return all.find(({ value }) => value === chosen) ?? { value: chosen, label: chosen.replace(/^\w+\//, '') };
}

function valuesOf({ name, profile = '', awsServiceProfile = '', accessKey = '', region, endpoint = '', storePassword }: TargetConnection): Values {
  return { name, profile, awsServiceProfile, accessKey, region, endpoint, storePassword: storePassword ? 'yes' : 'no' };
}

function connectionOf(values: Values): TargetConnection {
  const given = <K extends keyof Values>(key: K): Partial<Record<K, string>> => (values[key].trim() === '' ? {} : { [key]: values[key].trim() } as Record<K, string>);
  return { name: values.name.trim(), region: values.region.trim(), ...given('profile'), ...given('awsServiceProfile'), ...given('accessKey'), ...given('endpoint'), storePassword: values.storePassword === 'yes' && values.accessKey !== '' };
}
