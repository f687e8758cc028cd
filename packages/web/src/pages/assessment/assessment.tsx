// The assessment report of a project: started here, and read here.

import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useOffer } from '../../menu-actions.ts';
import type { Place } from '../../place.ts';
import { Link } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { useTitle } from '../../ui/title.ts';
import { projectPath } from '../projects/paths.ts';
import { useAssessment } from './assessment-state.ts';
import { Report } from './report.tsx';
import { RunState } from './run-state.tsx';
import { StartForm } from './start-form.tsx';
import { TableDetails } from './table-details.tsx';

export function AssessmentPage({ name, place }: { readonly name: string; readonly place: Place }) {
  useTitle(`Assessment report of ${name}`);
  const assessment = projectPath(name, 'assessment');
  useOffer({ file: [], actions: [], assessment }, assessment);
  const { status, report, problem, isRunning, put } = useAssessment(name);
  const table = place.query.get('table');
  if (table !== null && status?.report !== undefined) return <TableDetails key={table} project={name} table={table} madeMillis={status.report.madeMillis} place={place} />;
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to={projectPath(name)}>Project {name}</Link></nav>
      <Header variant="h1" description="What the tables would become in DynamoDB, before any data moves. Nothing is written, neither to Cassandra nor to AWS.">Assessment report</Header>
      {problem === undefined ? null : <ProblemAlert title="The assessment cannot be shown" problem={problem} />}
      {status === undefined ? (problem === undefined ? <output>Asking the server ...</output> : null) : (
        <SpaceBetween size="l">
          <StartForm name={name} status={status} isRunning={isRunning} put={put} />
          <RunState name={name} run={status.run} put={put} />
          {status.report === undefined ? <Empty isRunning={isRunning} /> : report === undefined ? <output>Loading the report ...</output> : <Report project={name} report={report} place={place} />}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

function Empty({ isRunning }: { readonly isRunning: boolean }) {
  if (isRunning) return null;
  return (
    <Box textAlign="center" padding="l">
      <Box variant="h2">No report yet</Box>
      <Box>Start reads the SSTables that are the source of this project: small tables as a whole, of larger ones a sample. The report then tells for each table its size, its rows and items, its largest partitions and items,
        what will not fit and what to do about it, and what loading it costs and how long it takes with each loader; and for each query the key or index that answers it.</Box>
    </Box>
  );
}
