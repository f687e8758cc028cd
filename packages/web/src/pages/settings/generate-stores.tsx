import { useState } from 'react';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { day } from '../../format.ts';
import { go } from '../../place.ts';
import { server } from '../../server.ts';
import { useForm } from '../../ui/form-state.ts';
import { followed } from '../../ui/link.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { StoreChoice } from '../../ui/store-choice.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { SavedMeanwhile } from './saved-meanwhile.tsx';
import { SECURITY } from './select-stores.tsx';
import type { StoresFormProps } from './select-stores.tsx';

const NO_SECRETS = { trustPassword: '', keyPassword: '', authorityPassword: '' };

/** The first time, and later to add agents or renew certificates. */
export function GenerateStores({ status, onSaved, onReload }: StoresFormProps) {
  const { stores, revision, passwords, defaultFolder } = status;
  const before = stores?.kind === 'generated' ? stores : undefined;
  const form = useForm('generate-stores', {
    folder: before?.folder ?? defaultFolder, trustStore: before?.trustStore ?? 'trust.p12', keyStore: before?.keyStore ?? 'server.p12', days: '825', renew: '', store: passwords === 'vault' ? 'yes' : 'no', revision,
    agents: (before?.files ?? []).filter(({ use }) => use === 'agent').map(({ agent = '', hosts }) => [agent, ...hosts].join(' ')).join('\n'),
  });
  const { values } = form;
  const [secrets, setSecrets] = useState(NO_SECRETS);
  const [isTried, setTried] = useState(false);
  const missing = (value: string): string | undefined => (isTried && value.trim() === '' ? 'This is needed.' : undefined);
  const { agents, mistake } = agentsOf(values.agents);
  const renewed = values.renew === '' ? [] : values.renew.split(' ');
  const save = async (over: string): Promise<void> => {
    setTried(true);
    if (mistake !== undefined || [values.folder, values.trustStore, values.keyStore, ...Object.values(secrets)].some((value) => value.trim() === '')) return;
    await form.send(async () => {
      const saved = await server.settings.security.generate({
        revision: over, folder: values.folder.trim(), trustStore: values.trustStore.trim(), keyStore: values.keyStore.trim(), ...secrets, agents, days: Number(values.days), renew: renewed, store: values.store === 'yes',
      });
      form.clear();
      go(SECURITY, 'replace');
      onSaved(saved);
    });
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save(values.revision);
    }}>
      <Form actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button formAction="none" variant="link" href={SECURITY} onFollow={(event) => followed(event, SECURITY)}>Cancel</Button>
          <Button variant="primary" loading={form.isBusy} loadingText="Keys and certificates are being made">{before === undefined ? 'Generate' : 'Add and renew'}</Button>
        </SpaceBetween>
      }>
        <Container header={<Header variant="h2" description="An authority of this installation, a trust store, and a key store for the server and for each agent (PKCS#12). What is there already stays.">Generate Trust and Key Store</Header>}>
          <SpaceBetween size="l">
            <SavedMeanwhile title="The stores were not made" problem={form.problem} onInsist={() => void server.settings.security.get().then((now) => save(now.revision))} onTake={() => {
              form.clear();
              void onReload();
            }} />
            <TextField label="Location" description="Folder on the server's machine; it becomes private to the server's user." value={values.folder} error={missing(values.folder)} onChange={(folder) => form.set({ folder })} />
            <TextField label="Trust store name" description="Goes to every agent." value={values.trustStore} error={missing(values.trustStore)} onChange={(trustStore) => form.set({ trustStore })} />
            <SecretField label="Trust store password" description="Six ASCII characters or more." value={secrets.trustPassword} error={missing(secrets.trustPassword)} onChange={(trustPassword) => setSecrets({ ...secrets, trustPassword })} />
            <TextField label="Key store name" description="The server's own; never leaves this machine." value={values.keyStore} error={missing(values.keyStore)} onChange={(keyStore) => form.set({ keyStore })} />
            <SecretField label="Key store password" description="Also of the agents' key stores." value={secrets.keyPassword} error={missing(secrets.keyPassword)} onChange={(keyPassword) => setSecrets({ ...secrets, keyPassword })} />
            <SecretField label="Authority password" description="Another one, kept nowhere: whoever has it can make agents. It is asked for again to add or renew." value={secrets.authorityPassword} error={missing(secrets.authorityPassword)} onChange={(authorityPassword) => setSecrets({ ...secrets, authorityPassword })} />
            <FormField label="Agents" description="One a line: its name, then the host names and addresses under which the server reaches it. More can be added later." errorText={isTried ? mistake : undefined} i18nStrings={{ errorIconAriaLabel: 'Error' }}>
              <Textarea value={values.agents} rows={4} spellcheck={false} placeholder="node-1 10.0.0.11 cassandra1.example.com" onChange={({ detail }) => form.set({ agents: detail.value })} />
            </FormField>
            {before === undefined ? null : (
              <FormField label="Renew" description="Made anew under the same authority; an agent's new file has to be brought to it.">
                {before.files.filter(({ use }) => use === 'server' || use === 'agent').map(({ name, expiresMillis }) => (
                  <Checkbox key={name} checked={renewed.includes(name)} description={`Valid until ${day(expiresMillis)}`} onChange={({ detail }) => form.set({ renew: (detail.checked ? [...renewed, name] : renewed.filter((one) => one !== name)).join(' ') })}>{name}</Checkbox>
                ))}
              </FormField>
            )}
            <TextField label="Days" description="How long new certificates of the server and of agents are valid." value={values.days} error={missing(values.days)} onChange={(days) => form.set({ days })} />
            <StoreChoice what="the passwords of trust store and key store" isChecked={values.store === 'yes'} onChange={(isChecked) => form.set({ store: isChecked ? 'yes' : 'no' })} />
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}

function agentsOf(text: string): { readonly agents: { name: string; hosts: string[] }[]; readonly mistake?: string } {
  const lines = text.split('\n').map((line) => line.trim().split(/[\s,]+/)).filter(([name]) => name !== '');
  const agents = lines.map(([name = '', ...hosts]) => ({ name, hosts }));
  const lonely = agents.find(({ hosts }) => hosts.length === 0);
  return { agents, ...(lonely === undefined ? {} : { mistake: `${lonely.name} needs a host name or address behind its name.` }) };
}
