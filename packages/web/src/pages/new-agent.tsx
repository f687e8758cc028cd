import { useState } from 'react';
import type { AgentCredentials } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { go } from '../place.ts';
import { server } from '../server.ts';
import { useForm } from '../ui/form-state.ts';
import { followed, Link } from '../ui/link.tsx';
import { ProblemAlert } from '../ui/problem.tsx';
import { TextField } from '../ui/text-field.tsx';
import { useTitle } from '../ui/title.ts';

const NO_VALUES = { name: '', url: '', proof: 'certificate', keyStore: '', trustStore: '', passwordFile: '', servicePasswordFile: '', pinnedCertificate: '' };
type Field = Exclude<keyof typeof NO_VALUES, 'proof'>;

interface FieldText { readonly id: Field; readonly label: string; readonly description: string; readonly placeholder?: string }

const WHO: readonly FieldText[] = [
  { id: 'name', label: 'Name', description: 'Your name for it: letters, digits, _ and -.', placeholder: 'node-1' },
  { id: 'url', label: 'Address', description: 'Where it listens, by https.', placeholder: 'https://10.0.0.11:8080' },
];
/** Files on the server's machine: passwords themselves never pass through the page. */
const BY_CERTIFICATE: readonly FieldText[] = [
  { id: 'keyStore', label: 'Key store', description: 'PKCS#12 or JKS file with the server\'s certificate and key, as "aeneas keystore generate" makes it.', placeholder: '/srv/stores/server.p12' },
  { id: 'trustStore', label: 'Trust store', description: 'PKCS#12 or JKS file with the authority of the agent\'s certificate.', placeholder: '/srv/stores/trust.p12' },
  { id: 'passwordFile', label: 'Password file', description: 'File that holds the password of both stores.', placeholder: '/srv/stores/password' },
];
const BY_PASSWORD: readonly FieldText[] = [
  { id: 'servicePasswordFile', label: 'Service password file', description: 'File that holds the agent\'s own service password.', placeholder: '/srv/agent-password' },
  { id: 'pinnedCertificate', label: 'Fingerprint', description: 'SHA-256 of the agent\'s certificate; the agent prints it when it starts.' },
];

export function NewAgentPage() {
  useTitle('Register an agent');
  const form = useForm('agent', NO_VALUES);
  const [isTried, setTried] = useState(false);
  const { values } = form;
  const proof = values.proof === 'password' ? BY_PASSWORD : BY_CERTIFICATE;
  const needed = [...WHO, ...proof];
  const register = async (): Promise<void> => {
    setTried(true);
    if (needed.some(({ id }) => values[id].trim() === '')) return;
    await form.send(async () => {
      const credentials = Object.fromEntries(proof.map(({ id }) => [id, values[id].trim()])) as AgentCredentials;
      await server.agents.register({ name: values.name.trim(), url: values.url.trim(), credentials });
      go('/agents', 'replace');
    });
  };
  const fields = (texts: readonly FieldText[]) => texts.map(({ id, ...text }) => (
    <TextField key={id} {...text} value={values[id]} error={isTried && values[id].trim() === '' ? 'This is needed.' : undefined} onChange={(value) => form.set({ [id]: value })} />
  ));
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to="/agents">All agents</Link></nav>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void register();
      }}>
        <Form
          header={<Header variant="h1" description="An agent runs beside Cassandra. It is registered once the server has reached it. docs/AGENT.md tells how agents are set up.">Register an agent</Header>}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" href="/agents" onFollow={(event) => followed(event, '/agents')}>Cancel</Button>
              <Button variant="primary" loading={form.isBusy} loadingText="The server calls the agent">Register</Button>
            </SpaceBetween>
          }
        >
          <Container>
            <SpaceBetween size="l">
              {form.problem === undefined ? null : <ProblemAlert title="The agent was not registered" problem={form.problem} />}
              {fields(WHO)}
              <FormField label="How the two know each other" description="Files are on the server's machine. No password is typed here.">
                <RadioGroup
                  value={values.proof}
                  ariaLabel="How the two know each other"
                  onChange={({ detail }) => form.set({ proof: detail.value })}
                  items={[{ value: 'certificate', label: 'Certificates of one authority (mutual TLS)' }, { value: 'password', label: 'Service password, and the fingerprint of the agent\'s certificate' }]}
                />
              </FormField>
              {fields(proof)}
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </SpaceBetween>
  );
}
