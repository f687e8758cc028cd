// File > New project, Open, Import: three short forms.

import { useState } from 'react';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { go } from '../../place.ts';
import { server } from '../../server.ts';
import { useForm } from '../../ui/form-state.ts';
import { followed, Link } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useTitle } from '../../ui/title.ts';
import { projectPath } from './paths.ts';

export type NewProjectWay = 'new' | 'open' | 'import';

const WORDS = {
  new: { title: 'New project', verb: 'Create', refused: 'The project was not made', about: 'A project is a folder with a file project.yaml in the server\'s workspace; no secret is ever in it.' },
  open: { title: 'Open a project', verb: 'Open', refused: 'The project was not opened', about: 'A project file that is somewhere on the server\'s machine. It stays where it is.' },
  import: { title: 'Import a project', verb: 'Import', refused: 'The project was not imported', about: 'A project that was exported, on this server or another.' },
} as const;

export function NewProjectPage({ way }: { readonly way: NewProjectWay }) {
  const words = WORDS[way];
  useTitle(words.title);
  const form = useForm(`project-${way}`, { name: '', path: '', text: '' });
  const [isTried, setTried] = useState(false);
  const { name, path, text } = form.values;
  const needed = way === 'open' ? [path] : way === 'import' ? [name, text] : [name];
  const send = async (): Promise<void> => {
    setTried(true);
    if (needed.some((value) => value.trim() === '')) return;
    await form.send(async () => {
      const project = way === 'open' ? await server.projects.open({ path: path.trim() }) : await server.projects.create({ name: name.trim(), ...(way === 'import' ? { text } : {}) });
      go(projectPath(project.name), 'replace');
    });
  };
  const missing = (value: string): string | undefined => (isTried && value.trim() === '' ? 'This is needed.' : undefined);
  const readFile = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    form.set({ text: await file.text(), ...(name === '' ? { name: file.name.replace(/\.ya?ml$/i, '').replaceAll(/[^A-Za-z0-9_-]/g, '-') } : {}) });
  };
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to="/projects">All projects</Link></nav>
      <form noValidate onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}>
        <Form
          header={<Header variant="h1" description={words.about}>{words.title}</Header>}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" href="/projects" onFollow={(event) => followed(event, '/projects')}>Cancel</Button>
              <Button variant="primary" loading={form.isBusy} loadingText="The server is at it">{words.verb}</Button>
            </SpaceBetween>
          }
        >
          <Container>
            <SpaceBetween size="l">
              {form.problem === undefined ? null : <ProblemAlert title={words.refused} problem={form.problem} />}
              {way === 'import' ? (
                <FormField label="Exported file" description="Choose the file, or paste its text below.">
                  <input type="file" accept=".yaml,.yml" aria-label="Exported file" onChange={(event) => void readFile(event.target.files?.[0])} />
                </FormField>
              ) : null}
              {way === 'open'
                ? <TextField label="Project file" description="Its absolute path on the server's machine." placeholder="/srv/migrations/shop/project.yaml" value={path} error={missing(path)} onChange={(value) => form.set({ path: value })} />
                : <TextField label="Project name" description="Letters, digits, _ and -." placeholder="shop" value={name} error={missing(name)} onChange={(value) => form.set({ name: value })} />}
              {way === 'import' ? (
                <FormField label="Text of the file" errorText={missing(text) ?? ''} i18nStrings={{ errorIconAriaLabel: 'Error' }}>
                  <Textarea value={text} rows={12} spellcheck={false} onChange={({ detail }) => form.set({ text: detail.value })} />
                </FormField>
              ) : null}
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </SpaceBetween>
  );
}
