import { useState } from 'react';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { logIn } from '../login.ts';
import { problemOf } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { ProblemAlert } from '../ui/problem.tsx';
import { SecretField } from '../ui/secret-field.tsx';
import { useTitle } from '../ui/title.ts';

/** The address stays: after the login the page that was asked for is shown. */
export function LoginPage() {
  useTitle('Log in');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    const refusal = await logIn(password).catch(problemOf);
    if (refusal === undefined) return location.reload();
    setProblem(refusal);
    setPassword('');
    setBusy(false);
    return undefined;
  };
  return (
    <main id="main" className="login">
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void send();
      }}>
        <Form header={<Header variant="h1" description="Others than this machine can reach this server: it asks for the password that it was started with.">Log in to Aeneas</Header>} actions={<Button variant="primary" loading={isBusy} loadingText="Logging in">Log in</Button>}>
          <Container>
            <SpaceBetween size="l">
              {problem === undefined ? null : <ProblemAlert title="You are not logged in" problem={problem} />}
              <SecretField label="Password" isKnown value={password} onChange={setPassword} />
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </main>
  );
}
