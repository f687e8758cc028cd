// The frame of Add source and Add target: load the project, keep what is typed, Test connection, and save.

import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ConnectionSecrets, ConnectionTest, ProjectDetails } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { go } from '../../place.ts';
import { problemOf } from '../../problem.ts';
import type { Problem } from '../../problem.ts';
import { server } from '../../server.ts';
import { followed, Link } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { useTitle } from '../../ui/title.ts';
import { projectPath } from './paths.ts';
import { TestSteps } from './test-steps.tsx';

interface ConnectionFormProps {
  readonly title: string;
  readonly about: string;
  readonly project: ProjectDetails;
  readonly side: 'sources' | 'targets';
  readonly connection: string;
  readonly secrets: ConnectionSecrets;
  readonly isComplete: boolean;
  readonly onTried: () => void;
  readonly onReloaded: (project: ProjectDetails) => void;
  readonly onSaved: () => void;
  readonly test: () => Promise<ConnectionTest>;
  readonly save: (version: string) => Promise<unknown>;
  readonly children: ReactNode;
}

export function ConnectionForm({ title, about, project, side, connection, secrets, isComplete, onTried, onReloaded, onSaved, test, save, children }: ConnectionFormProps) {
  useTitle(title);
  const [result, setResult] = useState<ConnectionTest>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState<'test' | 'save' | 'connect'>();
  const back = projectPath(project.name);
  const during = async (what: 'test' | 'save' | 'connect', work: () => Promise<void>): Promise<void> => {
    onTried();
    if (!isComplete) return;
    setBusy(what);
    setProblem(undefined);
    setResult(undefined);
    try {
      await work();
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(undefined);
  };
  const saved = async (): Promise<void> => {
    await save(project.version);
    onSaved();
  };
  const runTest = () => during('test', async () => setResult(await test()));
  const runSave = () => during('save', async () => {
    await saved();
    go(back, 'replace');
  });
  /** Saved even if it does not connect: the project's page says why, and asks again. */
  const runConnect = () => during('connect', async () => {
    await saved();
    const failure = await server.projects.connect({ name: project.name, side, connection, secrets }).then(() => undefined, problemOf);
    go(failure === undefined ? back : `${back}?connect=${side}.${encodeURIComponent(connection)}`, 'replace');
  });
  const reload = async (): Promise<void> => {
    onReloaded(await server.projects.get({ name: project.name }));
    setProblem(undefined);
  };
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to={back}>Project {project.name}</Link></nav>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void runConnect();
      }}>
        <Form
          header={<Header variant="h1" description={about}>{title}</Header>}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" href={back} onFollow={(event) => followed(event, back)}>Cancel</Button>
              <Button formAction="none" loading={busy === 'test'} loadingText="Testing the connection" disabled={busy !== undefined && busy !== 'test'} onClick={() => void runTest()}>Test connection</Button>
              <Button formAction="none" loading={busy === 'save'} loadingText="Saving" disabled={busy !== undefined && busy !== 'save'} onClick={() => void runSave()}>Save</Button>
              <Button variant="primary" loading={busy === 'connect'} loadingText="Connecting" disabled={busy !== undefined && busy !== 'connect'}>Connect</Button>
            </SpaceBetween>
          }
        >
          <Container>
            <SpaceBetween size="l">
              {children}
              {problem === undefined ? null : <ProblemAlert title="That was refused" problem={problem} />}
              {problem?.code === 'PROJECT_STALE' ? <Button formAction="none" onClick={() => void reload()}>Load the project again, keep what is typed</Button> : null}
              {result === undefined ? null : <TestSteps test={result} />}
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </SpaceBetween>
  );
}
