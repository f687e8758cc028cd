import { useState } from 'react';
import Box from '@cloudscape-design/components/box';
import { go } from '../../place.ts';
import { problemOf } from '../../problem.ts';
import type { Problem } from '../../problem.ts';
import { server } from '../../server.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { useAsked } from './asked.ts';

/** Says exactly what goes and what stays, then does it. */
export function DeleteProject({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const { value, problem: unknown } = useAsked(`deletion ${name}`, () => server.projects.deletion({ name }));
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const remove = async (): Promise<void> => {
    if (value === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await server.projects.delete({ name });
      go('/projects', 'replace');
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog title={`Delete project ${name}?`} verb="Delete" isBusy={isBusy} problem={problem ?? unknown} onConfirm={() => void remove()} onClose={onClose}>
      <Box variant="h3" tagOverride="h3">Deleted, and not to be had back</Box>
      <ul className="breakable">{(value?.goes ?? []).map((line) => <li key={line}>{line}</li>)}</ul>
      <Box variant="h3" tagOverride="h3">Stays</Box>
      <ul className="breakable">{(value?.stays ?? []).map((line) => <li key={line}>{line}</li>)}</ul>
    </ConfirmDialog>
  );
}
