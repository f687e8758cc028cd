import { useState } from 'react';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useLive } from '../live.ts';
import { go, taskPath, TASKS } from '../place.ts';
import { server } from '../server.ts';
import { useForm } from '../ui/form-state.ts';
import { followed, Link } from '../ui/link.tsx';
import { ProblemAlert } from '../ui/problem.tsx';
import { TextField } from '../ui/text-field.tsx';
import { useTitle } from '../ui/title.ts';

export function NewTaskPage() {
  useTitle('Create a task');
  const form = useForm('task', { projectFile: '', name: '', agents: '' });
  const [isTried, setTried] = useState(false);
  const { overview } = useLive();
  const { projectFile, name, agents } = form.values;
  const chosen = agents === '' ? [] : agents.split(' ');
  const isMissing = projectFile.trim() === '';
  const create = async (): Promise<void> => {
    setTried(true);
    if (isMissing) return;
    await form.send(async () => {
      const { id } = await server.tasks.create({ projectFile: projectFile.trim(), ...(name.trim() === '' ? {} : { name: name.trim() }), ...(chosen.length === 0 ? {} : { agents: chosen }) });
      go(taskPath(id), 'replace');
    });
  };
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to={TASKS}>All tasks</Link></nav>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}>
        <Form
          header={<Header variant="h1" description="A task migrates the tables of one project file. It is not started yet: look at it first.">Create a task</Header>}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" href={TASKS} onFollow={(event) => followed(event, TASKS)}>Cancel</Button>
              <Button variant="primary" loading={form.isBusy} loadingText="The server reads the project">Create</Button>
            </SpaceBetween>
          }
        >
          <Container>
            <SpaceBetween size="l">
              {form.problem === undefined ? null : <ProblemAlert title="The task was not created" problem={form.problem} />}
              <TextField label="Project file" description="Its absolute path on the server's machine. docs/USAGE.md has an example of such a file." placeholder="/srv/migrations/shop.yaml" value={projectFile}
                error={isTried && isMissing ? 'Which project is to be migrated? Type the path of its file.' : undefined} onChange={(value) => form.set({ projectFile: value })} />
              <TextField label="Name (optional)" description="Letters, digits, _ and -. Without one it has the name of the project." value={name} onChange={(value) => form.set({ name: value })} />
              <FormField label="Agents (optional)" description="Those that work on it. None chosen: all that are registered, or else the one within the server.">
                {(overview?.agents ?? []).map((agent) => (
                  <Checkbox key={agent.name} checked={chosen.includes(agent.name)} description={agent.health} onChange={({ detail }) =>
                    form.set({ agents: (detail.checked ? [...chosen, agent.name] : chosen.filter((one) => one !== agent.name)).join(' ') })}>{agent.name}</Checkbox>
                ))}
              </FormField>
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </SpaceBetween>
  );
}
