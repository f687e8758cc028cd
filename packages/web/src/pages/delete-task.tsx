import { useState } from 'react';
import type { TaskStatus } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import { go, TASKS } from '../place.ts';
import { problemOf } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { server } from '../server.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { consequences } from './consequences.ts';

/** Says exactly what goes and what stays, then does it. */
export function DeleteTask({ status, onClose }: { readonly status: TaskStatus; readonly onClose: () => void }) {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const remove = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await server.tasks.delete({ id: status.id });
      go(TASKS, 'replace');
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  const { goes, stays } = consequences(status);
  return (
    <ConfirmDialog title={`Delete task ${status.name}?`} verb="Delete" isBusy={isBusy} problem={problem} onConfirm={() => void remove()} onClose={onClose}>
      <Box variant="h3" tagOverride="h3">Deleted, and not to be had back</Box>
      <ul className="breakable">{goes.map((line) => <li key={line}>{line}</li>)}</ul>
      <Box variant="h3" tagOverride="h3">Stays</Box>
      <ul className="breakable">{stays.map((line) => <li key={line}>{line}</li>)}</ul>
    </ConfirmDialog>
  );
}
