import type { AgentSecrets, SecurityStatus } from '@aeneas/protocol';
import Alert from '@cloudscape-design/components/alert';
import Checkbox from '@cloudscape-design/components/checkbox';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { day } from '../format.ts';
import { server } from '../server.ts';
import { ChoiceField } from '../ui/choice-field.tsx';
import { Link } from '../ui/link.tsx';
import { useLoaded } from '../ui/loaded.ts';
import { SecretField } from '../ui/secret-field.tsx';
import { StoreChoice } from '../ui/store-choice.tsx';
import { TextField } from '../ui/text-field.tsx';
import type { Mistakes, NewAgent } from './agent-login.ts';

interface LoginProps {
  readonly values: NewAgent;
  /** In the page's memory alone. */
  readonly secrets: AgentSecrets;
  readonly mistakes: Mistakes;
  readonly onValues: (changes: Partial<NewAgent>) => void;
  readonly onSecrets: (secrets: AgentSecrets) => void;
}

const loadSecurity = () => server.settings.security.get();

/** Password, or Use SSL with trust store and key store. The connection is encrypted either way. */
export function AgentLoginFields({ values, secrets, mistakes, onValues, onSecrets }: LoginProps) {
  const isSsl = values.useSsl === 'yes';
  const isTyped = !isSsl || values.trustFrom === 'file' || values.keyFrom === 'file';
  return (
    <SpaceBetween size="l">
      <Checkbox checked={isSsl} onChange={({ detail }) => onValues({ useSsl: detail.checked ? 'yes' : 'no' })}
        description="Server and agent show each other certificates of one authority. Without it, the server shows the agent's service password; that connection is encrypted too.">Use SSL</Checkbox>
      {isSsl ? <Stores values={values} secrets={secrets} mistakes={mistakes} onValues={onValues} onSecrets={onSecrets} /> : (
        <SpaceBetween size="l">
          <SecretField label="Password" description="The service password of the agent, as --configure or &quot;aeneas agent password&quot; has set it." value={secrets.servicePassword ?? ''} error={mistakes.servicePassword} onChange={(servicePassword) => onSecrets({ ...secrets, servicePassword })} />
          <TextField label="Fingerprint" description="SHA-256 of the agent's certificate: nobody else gets the password. The agent shows it at its start; Test connection finds what answers at the address, to be compared." value={values.fingerprint} error={mistakes.fingerprint} onChange={(fingerprint) => onValues({ fingerprint })} />
        </SpaceBetween>
      )}
      {isTyped ? <StoreChoice what="password" isChecked={values.storePassword === 'yes'} onChange={(isChecked) => onValues({ storePassword: isChecked ? 'yes' : 'no' })} /> : null}
    </SpaceBetween>
  );
}

function Stores({ values, secrets, mistakes, onValues, onSecrets }: LoginProps) {
  const { value: security } = useLoaded(loadSecurity);
  const stores = security?.stores;
  const isUsed = values.trustFrom === 'settings' || values.keyFrom === 'settings';
  return (
    <SpaceBetween size="l">
      {security !== undefined && stores === undefined && isUsed ? (
        <Alert type="info" statusIconAriaLabel="Info">
          Global Settings have no stores yet: <Link to="/settings?tab=security" variant="primary">generate or select them</Link>. What is typed here stays meanwhile, but for passwords.
        </Alert>
      ) : null}
      {stores !== undefined && security?.passwords === 'missing' && isUsed ? (
        <Alert type="warning" statusIconAriaLabel="Warning">
          The passwords of these stores are not known now: open the <Link to="/settings?tab=vault" variant="primary">vault</Link>, or give them again under <Link to="/settings?tab=security" variant="primary">Security</Link>.
        </Alert>
      ) : null}
      <ChoiceField label="Trust store" value={values.trustFrom} onChange={(trustFrom) => onValues({ trustFrom })} items={choices(stores, 'trustStore')} />
      {values.trustFrom === 'file' ? (
        <SpaceBetween size="l">
          <TextField label="Trust store file" description="PKCS#12 or JKS file on the server's machine, with the authority of the agent's certificate." placeholder="/srv/stores/trust.p12" value={values.trustStore} error={mistakes.trustStore} onChange={(trustStore) => onValues({ trustStore })} />
          <SecretField label="Trust store password" value={secrets.trustStorePassword ?? ''} error={mistakes.trustStorePassword} onChange={(trustStorePassword) => onSecrets({ ...secrets, trustStorePassword })} />
        </SpaceBetween>
      ) : null}
      <ChoiceField label="Key store" value={values.keyFrom} onChange={(keyFrom) => onValues({ keyFrom })} items={choices(stores, 'keyStore')} />
      {values.keyFrom === 'file' ? (
        <SpaceBetween size="l">
          <TextField label="Key store file" description="PKCS#12 or JKS file on the server's machine, with the server's own certificate and key." placeholder="/srv/stores/server.p12" value={values.keyStore} error={mistakes.keyStore} onChange={(keyStore) => onValues({ keyStore })} />
          <SecretField label="Key store password" value={secrets.keyStorePassword ?? ''} error={mistakes.keyStorePassword} onChange={(keyStorePassword) => onSecrets({ ...secrets, keyStorePassword })} />
        </SpaceBetween>
      ) : null}
    </SpaceBetween>
  );
}

function choices(stores: SecurityStatus['stores'], which: 'trustStore' | 'keyStore') {
  const file = stores?.[which].split('/').at(-1);
  return [
    { value: 'settings', label: file === undefined ? 'That of Global Settings' : `That of Global Settings: ${file}`, description: stores === undefined ? 'There is none yet.' : `Valid until ${day(endOf(stores, which))}. What is renewed there counts here.` },
    { value: 'file', label: 'Another file' },
  ];
}

function endOf(stores: NonNullable<SecurityStatus['stores']>, which: 'trustStore' | 'keyStore'): number {
  if (stores.kind === 'selected') return which === 'trustStore' ? stores.trustExpiresMillis : stores.keyExpiresMillis;
  return stores.files.find(({ name }) => name === stores[which])?.expiresMillis ?? 0;
}
