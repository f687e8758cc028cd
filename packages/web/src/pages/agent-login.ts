// What is typed to register an agent, what is wrong with it, and what the server is sent.

import type { AgentCredentials, AgentSecrets } from '@aeneas/protocol';

/** `trustFrom`, `keyFrom`: "settings" is Global Settings > Security, "file" one that is named. */
export const NEW_AGENT = {
  description: '', hostName: '', port: '8080', name: '', useSsl: 'yes', trustFrom: 'settings', trustStore: '', keyFrom: 'settings', keyStore: '', fingerprint: '', storePassword: 'no',
};
export type NewAgent = typeof NEW_AGENT;
export type Mistakes = Partial<Record<keyof NewAgent | keyof AgentSecrets, string>>;

const MAX_DESCRIPTION = 200;
const NEEDED = 'This is needed.';

/** By field; none: it can be sent. */
export function mistakesIn(values: NewAgent, secrets: AgentSecrets): Mistakes {
  const missing = (field: keyof NewAgent): Mistakes => (values[field].trim() === '' ? { [field]: NEEDED } : {});
  const secret = (name: keyof AgentSecrets): Mistakes => ((secrets[name] ?? '') === '' ? { [name]: NEEDED } : {});
  const isPort = /^[1-9]\d{0,4}$/.test(values.port.trim()) && Number(values.port) <= 65_535;
  return {
    ...(values.description.trim().length > MAX_DESCRIPTION ? { description: `It has more than ${MAX_DESCRIPTION} characters.` } : {}),
    ...(/[\s/@?#]/.test(values.hostName.trim()) ? { hostName: 'A host name or an address alone, without https:// and port.' } : missing('hostName')),
    ...(isPort ? {} : { port: 'A port is a number from 1 to 65535.' }),
    ...(values.name.trim() === '' || /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(values.name.trim()) ? {} : { name: 'A name has letters, digits, _ and -, at most 64.' }),
    ...(values.useSsl === 'no' ? { ...secret('servicePassword'), ...missing('fingerprint') } : {
      ...(values.trustFrom === 'file' ? { ...missing('trustStore'), ...secret('trustStorePassword') } : {}),
      ...(values.keyFrom === 'file' ? { ...missing('keyStore'), ...secret('keyStorePassword') } : {}),
    }),
  };
}

export function urlOf({ hostName, port }: NewAgent): string {
  const host = hostName.trim();
  return `https://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port.trim()}`;
}

/** The name that was typed, or one made of the host's. */
export function nameOf({ name, hostName }: NewAgent): string {
  const host = hostName.trim();
  const short = /^[\d.]+$/.test(host) ? host : host.split('.')[0]!;
  return name.trim() !== '' ? name.trim() : short.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, 64) || 'agent';
}

/** Only what counts: whatever was typed for the other way stays in the form. */
export function loginOf(values: NewAgent, { servicePassword, trustStorePassword, keyStorePassword }: AgentSecrets): { readonly credentials: AgentCredentials; readonly secrets: AgentSecrets } {
  if (values.useSsl === 'no') {
    const fingerprint = values.fingerprint.trim();
    return { credentials: fingerprint === '' ? {} : { pinnedCertificate: fingerprint }, secrets: servicePassword === undefined ? {} : { servicePassword } };
  }
  const ownTrust = values.trustFrom === 'file';
  const ownKey = values.keyFrom === 'file';
  return {
    credentials: { ...(ownTrust ? { trustStore: values.trustStore.trim() } : {}), ...(ownKey ? { keyStore: values.keyStore.trim() } : {}) },
    secrets: { ...(ownTrust && trustStorePassword !== undefined ? { trustStorePassword } : {}), ...(ownKey && keyStorePassword !== undefined ? { keyStorePassword } : {}) },
  };
}
