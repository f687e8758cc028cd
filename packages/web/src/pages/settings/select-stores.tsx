import { useState } from 'react';
import type { SecurityStatus } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { go } from '../../place.ts';
import { server } from '../../server.ts';
import { useForm } from '../../ui/form-state.ts';
import { followed } from '../../ui/link.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { StoreChoice } from '../../ui/store-choice.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { SavedMeanwhile } from './saved-meanwhile.tsx';

export const SECURITY = '/settings?tab=security';

export interface StoresFormProps {
  readonly status: SecurityStatus;
  readonly onSaved: (status: SecurityStatus) => void;
  readonly onReload: () => Promise<void>;
}

export function SelectStores({ status, onSaved, onReload }: StoresFormProps) {
  const { stores, revision, passwords } = status;
  const before = stores?.kind === 'selected' ? stores : undefined;
  const form = useForm('select-stores', { trustStore: before?.trustStore ?? '', keyStore: before?.keyStore ?? '', store: passwords === 'vault' ? 'yes' : 'no', revision });
  const { values } = form;
  const [secrets, setSecrets] = useState({ trustPassword: '', keyPassword: '' });
  const [isTried, setTried] = useState(false);
  const missing = (value: string): string | undefined => (isTried && value.trim() === '' ? 'This is needed.' : undefined);
  const save = async (over: string): Promise<void> => {
    setTried(true);
    if ([values.trustStore, values.keyStore, secrets.trustPassword, secrets.keyPassword].some((value) => value.trim() === '')) return;
    await form.send(async () => {
      const saved = await server.settings.security.select({ revision: over, trustStore: values.trustStore.trim(), keyStore: values.keyStore.trim(), ...secrets, store: values.store === 'yes' });
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
          <Button variant="primary" loading={form.isBusy} loadingText="The stores are being opened">OK</Button>
        </SpaceBetween>
      }>
        <Container header={<Header variant="h2" description="Both are opened before they are used. What kind of store a file is, is told by its content.">Select existing Trust and Key Store</Header>}>
          <SpaceBetween size="l">
            <SavedMeanwhile title="The stores were not taken" problem={form.problem} onInsist={() => void server.settings.security.get().then((now) => save(now.revision))} onTake={() => {
              form.clear();
              void onReload();
            }} />
            <TextField label="Trust store" description="File with the authority of the agents' certificates, by its absolute path on the server's machine." placeholder="/srv/stores/trust.p12" value={values.trustStore} error={missing(values.trustStore)} onChange={(trustStore) => form.set({ trustStore })} />
            <SecretField label="Trust store password" value={secrets.trustPassword} error={missing(secrets.trustPassword)} onChange={(trustPassword) => setSecrets({ ...secrets, trustPassword })} />
            <TextField label="Key store" description="File with the server's own certificate and key." placeholder="/srv/stores/server.p12" value={values.keyStore} error={missing(values.keyStore)} onChange={(keyStore) => form.set({ keyStore })} />
            <SecretField label="Key store password" value={secrets.keyPassword} error={missing(secrets.keyPassword)} onChange={(keyPassword) => setSecrets({ ...secrets, keyPassword })} />
            <StoreChoice what="the passwords" isChecked={values.store === 'yes'} onChange={(isChecked) => form.set({ store: isChecked ? 'yes' : 'no' })} />
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}
