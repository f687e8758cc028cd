// New agent registration, with the fields of the guide under their names.

import { useState } from 'react';
import type { AgentSecrets, ConnectionTest } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { AGENTS, go } from '../place.ts';
import type { Problem } from '../problem.ts';
import { server } from '../server.ts';
import { useAction } from '../ui/answer.ts';
import { useForm } from '../ui/form-state.ts';
import { followed, Link } from '../ui/link.tsx';
import { ProblemAlert } from '../ui/problem.tsx';
import { TextField } from '../ui/text-field.tsx';
import { useTitle } from '../ui/title.ts';
import { AgentLoginFields } from './agent-login-fields.tsx';
import { loginOf, mistakesIn, NEW_AGENT, nameOf, urlOf } from './agent-login.ts';
import { TestSteps } from './projects/test-steps.tsx';

export function NewAgentPage() {
  useTitle('New agent registration');
  const form = useForm('agent', NEW_AGENT);
  const [secrets, setSecrets] = useState<AgentSecrets>({});
  const [isTried, setTried] = useState(false);
  const test = useAction<ConnectionTest>();
  /** What is shown came of this button. */
  const [last, setLast] = useState<'test' | 'register'>();
  const { values } = form;
  const mistakes = mistakesIn(values, secrets);
  const shown = isTried ? mistakes : {};
  /** A test may come before the fingerprint: it finds it. */
  const runTest = async (): Promise<void> => {
    setTried(true);
    setLast('test');
    if (Object.keys(mistakes).every((field) => field === 'fingerprint')) await test.run(() => server.agents.test({ url: urlOf(values), ...loginOf(values, secrets) }));
  };
  const register = async (): Promise<void> => {
    setTried(true);
    setLast('register');
    if (Object.keys(mistakes).length > 0) return;
    await form.send(async () => {
      const { credentials, ...typed } = loginOf(values, secrets);
      await server.agents.register({ name: nameOf(values), url: urlOf(values), description: values.description.trim(), ...typed, credentials: { ...credentials, storePassword: values.storePassword === 'yes' } });
      go(AGENTS, 'replace');
    });
  };
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to={AGENTS}>All agents</Link></nav>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void register();
      }}>
        <Form
          header={<Header variant="h1" description="The server calls the agent, and registers it when it answers. docs/AGENT.md tells how agents are installed.">New agent registration</Header>}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" href={AGENTS} onFollow={(event) => followed(event, AGENTS)}>Cancel</Button>
              <Button formAction="none" loading={test.isBusy} loadingText="Testing the connection" disabled={form.isBusy} onClick={() => void runTest()}>Test connection</Button>
              <Button variant="primary" loading={form.isBusy} loadingText="The server calls the agent" disabled={test.isBusy}>Register</Button>
            </SpaceBetween>
          }
        >
          <Container>
            <SpaceBetween size="l">
              <TextField label="Description (optional)" description="A short one, for people." placeholder="Rack 1 of the clone" value={values.description} error={shown.description} onChange={(description) => form.set({ description })} />
              <TextField label="Host name" description="DNS name or IP address of the agent's machine, as the server reaches it." placeholder="10.0.0.11" value={values.hostName} error={shown.hostName} onChange={(hostName) => form.set({ hostName })} />
              <TextField label="Port" description="8080, unless agent-settings.yaml has another." value={values.port} error={shown.port} onChange={(port) => form.set({ port })} />
              <AgentLoginFields values={values} secrets={secrets} mistakes={shown} onValues={form.set} onSecrets={setSecrets} />
              <TextField label="Name (optional)" description="What tasks and commands call it: letters, digits, _ and -. Without one it is made of the host name." placeholder={nameOf(values)} value={values.name} error={shown.name} onChange={(name) => form.set({ name })} />
              {last !== 'register' || form.problem === undefined ? null : <ProblemAlert title="The agent was not registered" problem={form.problem} />}
              {last === 'test' ? (
                <Tested test={test.value} problem={test.problem} isPinned={values.useSsl === 'yes' || values.fingerprint.trim() !== ''} onTake={(fingerprint) => {
                  form.set({ fingerprint });
                  test.clear();
                }} />
              ) : null}
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </SpaceBetween>
  );
}

interface TestedProps {
  readonly test: ConnectionTest | undefined;
  readonly problem: Problem | undefined;
  readonly isPinned: boolean;
  readonly onTake: (fingerprint: string) => void;
}

/** Whatever answers there shows a certificate; whether it is the agent's, only its machine can tell. */
function Tested({ test, problem, isPinned, onTake }: TestedProps) {
  if (problem !== undefined) return <ProblemAlert title="The test was refused" problem={problem} />;
  if (test === undefined) return null;
  const found = isPinned ? undefined : /(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(test.steps.find(({ step }) => step === 'tls')?.said ?? '')?.[0];
  return (
    <SpaceBetween size="m">
      <TestSteps test={test} />
      {found === undefined ? null : (
        <SpaceBetween size="xs">
          <div className="breakable">Is this what the agent shows on its own machine, at its start or with <code>aeneas agent fingerprint</code>? Then it is the agent that answers: <code>{found}</code></div>
          <Button formAction="none" onClick={() => onTake(found)}>It is the same: use this fingerprint</Button>
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
