import { useState } from 'react';
import type { AssessmentRun, AssessmentStatus } from '@aeneas/protocol';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { count, moment, percent } from '../../format.ts';
import { problemOf } from '../../problem.ts';
import type { Problem } from '../../problem.ts';
import { server } from '../../server.ts';
import { ProblemAlert } from '../../ui/problem.tsx';

/** How far a run is, or how the last one ended. */
export function RunState({ name, run, put }: { readonly name: string; readonly run: AssessmentRun | undefined; readonly put: (status: AssessmentStatus) => void }) {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  if (run === undefined || run.state === 'done') return null;
  if (run.state === 'failed' && run.problem !== undefined) return <ProblemAlert title={`The run of ${moment(run.startedMillis)} failed`} problem={run.problem} />;
  if (run.state === 'cancelled') return <output><Alert type="info" statusIconAriaLabel="Info">The run of {moment(run.startedMillis)} was cancelled.</Alert></output>;
  if (run.state === 'interrupted') return <Alert type="warning" header="The last run was cut off" statusIconAriaLabel="Warning">The server ended before the run of {moment(run.startedMillis)} did. Start it again.</Alert>;
  const cancel = async (): Promise<void> => {
    setBusy(true);
    try {
      put(await server.assessment.cancel({ name }));
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  const { progress } = run;
  return (
    <SpaceBetween size="s">
      {problem === undefined ? null : <ProblemAlert title="The run was not cancelled" problem={problem} />}
      <ProgressBar
        value={percent(progress?.fraction ?? 0)}
        label="Assessment"
        description={run.state === 'waiting' ? 'Waiting for the assessment of another project' : progress === undefined ? 'Reading the schema and the list of files' : `Reading ${progress.table}`}
        additionalInfo={progress === undefined ? '' : `${count(progress.tablesDone)} of ${count(progress.tables)} tables`}
      />
      <Button loading={isBusy} loadingText="Cancelling" onClick={() => void cancel()}>Cancel</Button>
    </SpaceBetween>
  );
}
