// project.yaml as it is, to be read and changed. What is typed stays in this tab until it is saved.

import { useState } from 'react';
import type { ProjectDetails } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { server } from '../../server.ts';
import { useForm } from '../../ui/form-state.ts';
import { ProblemAlert } from '../../ui/problem.tsx';

export type FileDraft = ReturnType<typeof useFileDraft>;

export function useFileDraft(project: ProjectDetails, setProject: (project: ProjectDetails) => void) {
  const [isSaved, setSaved] = useState(false);
  const form = useForm(`file-${project.name}`, { text: '', version: '' });
  const { version } = form.values;
  const isChanged = version !== '' && form.values.text !== project.text;
  const discard = (): void => {
    form.set({ text: '', version: '' });
    form.forget();
    setSaved(false);
  };
  return {
    ...form, isChanged, isSaved, discard,
    text: version === '' ? project.text : form.values.text,
    type: (text: string): void => {
      setSaved(false);
      form.set({ text, version: version === '' ? project.version : version });
    },
    save: () => form.send(async () => {
      const saved = await server.projects.save({ name: project.name, version, text: form.values.text });
      setProject(saved);
      discard();
      setSaved(true);
    }),
    /** After somebody else's: the text is made anew of the newest version. */
    rebase: async (keepsText: boolean): Promise<void> => {
      const newest = await server.projects.get({ name: project.name });
      setProject(newest);
      if (keepsText) form.set({ version: newest.version });
      else discard();
    },
  };
}

export function ProjectFileTab({ project, draft }: { readonly project: ProjectDetails; readonly draft: FileDraft }) {
  return (
    <SpaceBetween size="m">
      <Header variant="h2" description={project.path} actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!draft.isChanged} onClick={draft.discard}>Discard changes</Button>
          <Button variant="primary" disabled={!draft.isChanged} loading={draft.isBusy} loadingText="Saving" onClick={() => void draft.save()}>Save</Button>
        </SpaceBetween>
      }>Project file</Header>
      {draft.problem === undefined ? null : <ProblemAlert title="The project was not saved" problem={draft.problem} />}
      {draft.problem?.code === 'PROJECT_STALE' ? (
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => void draft.rebase(false)}>Load what is saved</Button>
          <Button onClick={() => void draft.rebase(true)}>Keep mine, to save it over that</Button>
        </SpaceBetween>
      ) : null}
      <FormField label="Text" description="docs/USAGE.md and docs/schema/project.schema.json describe every key.">
        <Textarea value={draft.text} rows={24} spellcheck={false} onChange={({ detail }) => draft.type(detail.value)} />
      </FormField>
      <output>{draft.isSaved ? 'Saved.' : draft.isChanged ? 'Not saved yet.' : ''}</output>
    </SpaceBetween>
  );
}
