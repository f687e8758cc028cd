import { useState } from 'react';
import type { AwsKeys, AwsProfile, CheckResult, SavedAwsProfile } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { go } from '../../place.ts';
import { problemOf } from '../../problem.ts';
import type { Problem } from '../../problem.ts';
import { server } from '../../server.ts';
import { CheckSteps } from '../../ui/check-steps.tsx';
import { useForm } from '../../ui/form-state.ts';
import { followed } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { StoreChoice } from '../../ui/store-choice.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { CREDENTIALS_DESCRIPTION, CREDENTIALS_TEXT } from './credentials-text.ts';
import type { CredentialsKind } from './credentials-text.ts';
import { SavedMeanwhile } from './saved-meanwhile.tsx';

const NO_KEYS = { accessKeyId: '', secretAccessKey: '', sessionToken: '' };
const KINDS = (Object.keys(CREDENTIALS_TEXT) as CredentialsKind[]).map((value) => ({ value, label: CREDENTIALS_TEXT[value], description: CREDENTIALS_DESCRIPTION[value] }));

interface FormProps {
  /** None: a new one. */
  readonly saved: SavedAwsProfile | undefined;
  readonly sharedProfiles: readonly string[];
  readonly onReload: () => Promise<void>;
}

export function AwsProfileForm({ saved, sharedProfiles, onReload }: FormProps) {
  const form = useForm(`aws-profile-${saved?.name ?? ''}`, valuesOf(saved));
  const { values } = form;
  const [keys, setKeys] = useState(NO_KEYS);
  const [isTried, setTried] = useState(false);
  const [checked, setChecked] = useState<{ readonly label: string; readonly result: CheckResult }>();
  const [checkProblem, setCheckProblem] = useState<Problem>();
  const [checking, setChecking] = useState<'test' | 'createBucket'>();
  const store = values.store === 'yes';
  const kind = values.kind as CredentialsKind;
  const needsProfile = kind === 'shared-profile' || kind === 'sso';
  const missing = (value: string): string | undefined => (isTried && value.trim() === '' ? 'This is needed.' : undefined);
  const isComplete = [values.name, values.region, ...(needsProfile ? [values.profile] : [])].every((value) => value.trim() !== '');
  const save = (over: string): Promise<void> => form.send(async () => {
    await server.settings.awsProfiles.save({ profile: profileOf(values), ...keysOf(kind, keys), store, ...(over === '' ? {} : { revision: over }) });
    form.clear();
    go('/settings', 'replace');
    await onReload();
  });
  const check = async (which: 'test' | 'createBucket', label: string): Promise<void> => {
    setTried(true);
    if (!isComplete) return;
    setChecking(which);
    setChecked(undefined);
    setCheckProblem(undefined);
    try {
      setChecked({ label, result: await server.settings.awsProfiles[which]({ profile: profileOf(values), ...keysOf(kind, keys) }) });
    } catch (error) {
      setCheckProblem(problemOf(error));
    }
    setChecking(undefined);
  };
  const insist = async (): Promise<void> => {
    const { profiles } = await server.settings.awsProfiles.list();
    await save(profiles.find(({ name }) => name === values.name.trim())?.revision ?? '');
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      setTried(true);
      if (isComplete) void save(values.revision);
    }}>
      <Form actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button formAction="none" variant="link" href="/settings" onFollow={(event) => {
            form.clear();
            followed(event, '/settings');
          }}>Cancel</Button>
          <Button formAction="none" loading={checking === 'test'} loadingText="The server asks AWS" onClick={() => void check('test', 'Test')}>Test</Button>
          <Button variant="primary" loading={form.isBusy} loadingText="Saving">Save</Button>
        </SpaceBetween>
      }>
        <Container header={<Header variant="h2">{saved === undefined ? 'Add an AWS service profile' : `AWS service profile ${saved.name}`}</Header>}>
          <SpaceBetween size="l">
            <SavedMeanwhile title="The profile was not saved" problem={form.problem} onInsist={() => void insist().catch(() => {})} onTake={() => {
              form.clear();
              go(`/settings?edit=${encodeURIComponent(values.name.trim())}`, 'replace');
              void onReload();
            }} />
            {saved === undefined ? <TextField label="Name" description="Letters, digits, spaces, . _ and -. Projects are associated with it by this name." value={values.name} error={missing(values.name)} onChange={(name) => form.set({ name })} /> : null}
            <FormField label="Credentials">
              <RadioGroup ariaLabel="Credentials" value={values.kind} items={KINDS} onChange={({ detail }) => form.set({ kind: detail.value })} />
            </FormField>
            {kind === 'keys' ? <KeyFields keys={keys} saved={saved} onChange={(changes) => setKeys({ ...keys, ...changes })} /> : null}
            {kind === 'keys' ? <StoreChoice what="the access key" isChecked={store} onChange={(isChecked) => form.set({ store: isChecked ? 'yes' : 'no' })} /> : null}
            {needsProfile ? <TextField label="Profile of ~/.aws" description={sharedProfiles.length === 0 ? 'The server finds none in ~/.aws of its user.' : `There are: ${sharedProfiles.join(', ')}.`} value={values.profile} error={missing(values.profile)} onChange={(profile) => form.set({ profile })} /> : null}
            <TextField label="Region" description="Of the tables and the bucket." placeholder="eu-central-1" value={values.region} error={missing(values.region)} onChange={(region) => form.set({ region })} />
            <TextField label="S3 bucket (optional)" description="Where data is staged on its way to DynamoDB." value={values.bucket} onChange={(bucket) => form.set({ bucket })} />
            <Button formAction="none" disabled={values.bucket.trim() === ''} disabledReason="Type the name of the bucket first." loading={checking === 'createBucket'} loadingText="The server asks S3" onClick={() => void check('createBucket', 'Create and check')}>Create and check</Button>
            <ExpandableSection headerText="Endpoints" defaultExpanded={values.sts + values.dynamodb + values.s3 !== ''}>
              <SpaceBetween size="l">
                <TextField label="STS endpoint (optional)" description="Only where the service is not at its usual address, as with VPC endpoints." placeholder="https://" value={values.sts} onChange={(sts) => form.set({ sts })} />
                <TextField label="DynamoDB endpoint (optional)" description="The same." placeholder="https://" value={values.dynamodb} onChange={(dynamodb) => form.set({ dynamodb })} />
                <TextField label="S3 endpoint (optional)" description="The same." placeholder="https://" value={values.s3} onChange={(s3) => form.set({ s3 })} />
              </SpaceBetween>
            </ExpandableSection>
            {checkProblem === undefined ? null : <ProblemAlert title="That could not be tried" problem={checkProblem} />}
            <CheckSteps label={checked?.label ?? 'Test'} result={checked?.result} />
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}

function KeyFields({ keys, saved, onChange }: { readonly keys: typeof NO_KEYS; readonly saved: SavedAwsProfile | undefined; readonly onChange: (changes: Partial<typeof NO_KEYS>) => void }) {
  const isKnown = saved?.keys === 'vault' || saved?.keys === 'memory';
  const placeholder = isKnown ? 'Unchanged' : '';
  return (
    <SpaceBetween size="l">
      <SecretField label="Access key" description={isKnown ? 'The server has one. Type another to change it.' : 'Access key id, as IAM shows it.'} placeholder={placeholder} value={keys.accessKeyId} onChange={(accessKeyId) => onChange({ accessKeyId })} />
      <SecretField label="Secret key" placeholder={placeholder} value={keys.secretAccessKey} onChange={(secretAccessKey) => onChange({ secretAccessKey })} />
      <SecretField label="Session token (optional)" description="Only with keys that are lent for a time." value={keys.sessionToken} onChange={(sessionToken) => onChange({ sessionToken })} />
    </SpaceBetween>
  );
}

function valuesOf(saved: SavedAwsProfile | undefined) {
  const { name = '', region = '', bucket = '', endpoints = {}, credentials = { kind: 'keys' }, revision = '', keys } = saved ?? {};
  return {
    name, region, bucket, kind: credentials.kind as string, profile: 'profile' in credentials ? credentials.profile as string : '', store: keys === 'vault' ? 'yes' : 'no', revision,
    sts: endpoints.sts ?? '', dynamodb: endpoints.dynamodb ?? '', s3: endpoints.s3 ?? '',
  };
}

function profileOf(values: ReturnType<typeof valuesOf>): AwsProfile {
  const kind = values.kind as CredentialsKind;
  const credentials: AwsProfile['credentials'] = kind === 'shared-profile' || kind === 'sso' ? { kind, profile: values.profile.trim() } : { kind };
  const endpoints = Object.fromEntries((['sts', 'dynamodb', 's3'] as const).map((service) => [service, values[service].trim()]).filter(([, url]) => url !== ''));
  return {
    name: values.name.trim(), credentials, region: values.region.trim(), endpoints,
    ...(values.bucket.trim() === '' ? {} : { bucket: values.bucket.trim() }),
  };
}

function keysOf(kind: CredentialsKind, { accessKeyId, secretAccessKey, sessionToken }: typeof NO_KEYS): { readonly keys?: AwsKeys } {
  if (kind !== 'keys' || accessKeyId + secretAccessKey + sessionToken === '') return {};
  return { keys: { accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim(), ...(sessionToken.trim() === '' ? {} : { sessionToken: sessionToken.trim() }) } };
}
