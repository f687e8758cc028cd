import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Problem } from '../../problem.ts';
import { ProblemAlert } from '../../ui/problem.tsx';

interface SavedMeanwhileProps {
  readonly title: string;
  readonly problem: Problem | undefined;
  /** Forgets what was typed and shows what is saved now. */
  readonly onTake: () => void;
  /** Saves what was typed over what is saved now. */
  readonly onInsist: () => void;
}

/** Why something was not saved; when somebody else was first, the user says what counts. What was typed stays until then. */
export function SavedMeanwhile({ title, problem, onTake, onInsist }: SavedMeanwhileProps) {
  if (problem === undefined) return null;
  if (problem.code !== 'SETTINGS_CHANGED') return <ProblemAlert title={title} problem={problem} />;
  return (
    <div role="alert">
      <Alert type="warning" header="Somebody else saved this meanwhile" statusIconAriaLabel="Warning" action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button formAction="none" onClick={onTake}>Show what is saved now</Button>
          <Button formAction="none" onClick={onInsist}>Save mine all the same</Button>
        </SpaceBetween>
      }>
        Nothing was overwritten, and what you typed is still here. ({problem.code})
      </Alert>
    </div>
  );
}
