import { useState } from 'react';
import type { LoggingStatus } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { server } from '../../server.ts';
import { useForm } from '../../ui/form-state.ts';
import { useLoaded } from '../../ui/loaded.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { SavedMeanwhile } from './saved-meanwhile.tsx';

const LEVELS: readonly { readonly value: LoggingStatus['level']; readonly label: string; readonly description: string }[] = [
  { value: 'debug', label: 'Debug', description: 'Each request as well. For finding an error.' },
  { value: 'info', label: 'Info', description: 'What happens: tasks, agents, the vault, changed settings.' },
  { value: 'warning', label: 'Warning', description: 'What was refused, and what is tried again.' },
  { value: 'error', label: 'Error', description: 'What failed.' },
];

const loadLogging = () => server.settings.logging.get();

export function LoggingTab() {
  const { value, problem, reload, put } = useLoaded(loadLogging);
  const [isSaved, setSaved] = useState(false);
  if (problem !== undefined) return <ProblemAlert title="The settings could not be read" problem={problem} />;
  if (value === undefined) return <output>Asking the server ...</output>;
  return (
    <LoggingForm key={value.revision} saved={value} isSaved={isSaved} onReload={reload} onSaved={(saved) => {
      setSaved(true);
      put(saved);
    }} />
  );
}

interface LoggingFormProps {
  readonly saved: LoggingStatus;
  readonly isSaved: boolean;
  readonly onSaved: (saved: LoggingStatus) => void;
  readonly onReload: () => Promise<void>;
}

function LoggingForm({ saved, isSaved, onSaved, onReload }: LoggingFormProps) {
  const form = useForm('logging', { level: saved.level, folder: saved.folder ?? '', revision: saved.revision } as Readonly<Record<string, string>>);
  const { level = saved.level, folder = '', revision = saved.revision } = form.values;
  const save = (over: string): Promise<void> => form.send(async () => {
    const done = await server.settings.logging.save({ revision: over, level: level as LoggingStatus['level'], ...(folder.trim() === '' ? {} : { folder: folder.trim() }) });
    form.clear();
    onSaved(done);
  });
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void save(revision);
    }}>
      <Form actions={<SpaceBetween direction="horizontal" size="s" alignItems="center">{isSaved ? <StatusIndicator type="success">Saved; it counts from now on</StatusIndicator> : null}<Button variant="primary" loading={form.isBusy} loadingText="Saving">Save</Button></SpaceBetween>}>
        <Container header={<Header variant="h2" description={<span className="breakable">The server logs to {saved.file}: one JSON object a line, in files of 10 MB, the last five. No secrets, no rows.</span>}>Logging</Header>}>
          <SpaceBetween size="l">
            <SavedMeanwhile title="The settings were not saved" problem={form.problem} onInsist={() => void server.settings.logging.get().then((now) => save(now.revision))} onTake={() => {
              form.clear();
              void onReload();
            }} />
            <FormField label="Logging level">
              <RadioGroup ariaLabel="Logging level" value={level} items={LEVELS} onChange={({ detail }) => form.set({ level: detail.value })} />
            </FormField>
            <TextField label="Folder (optional)" description={`On the server's machine. Without one: ${saved.defaultFolder}`} value={folder} onChange={(value) => form.set({ folder: value })} />
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
}
