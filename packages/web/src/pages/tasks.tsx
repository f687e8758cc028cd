import type { TaskSummary } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { count, duration, moment } from '../format.ts';
import { useLive } from '../live.ts';
import { taskPath } from '../place.ts';
import type { Place } from '../place.ts';
import { followed, Link } from '../ui/link.tsx';
import { listing, listingProps } from '../ui/listing.ts';
import { SmallBar } from '../ui/small-bar.tsx';
import { stateOf } from '../words.ts';

const FIELDS = [
  { id: 'name', of: (task: TaskSummary) => task.name },
  { id: 'state', of: (task: TaskSummary) => stateOf(task).text },
  { id: 'fraction', of: (task: TaskSummary) => task.totals.fraction },
  { id: 'rows', of: (task: TaskSummary) => task.totals.rows },
  { id: 'rejected', of: (task: TaskSummary) => task.totals.rejectedRows },
  { id: 'created', of: (task: TaskSummary) => task.createdMillis },
];

const COLUMNS = [
  { id: 'name', header: 'Task', sortingField: 'name', isRowHeader: true, cell: (task: TaskSummary) => <Link to={taskPath(task.id)}>{task.name}</Link> },
  { id: 'state', header: 'State', sortingField: 'state', cell: (task: TaskSummary) => <StatusIndicator type={stateOf(task).look}>{stateOf(task).text}</StatusIndicator> },
  { id: 'fraction', header: 'Progress', sortingField: 'fraction', cell: ({ totals, name }: TaskSummary) => <SmallBar fraction={totals.fraction} label={`Progress of ${name}`} /> },
  { id: 'tables', header: 'Tables', cell: ({ totals }: TaskSummary) => <span className="digits">{count(totals.tablesDone)} of {count(totals.tables)}{totals.tablesFailed > 0 ? `, ${count(totals.tablesFailed)} failed` : ''}</span> },
  { id: 'rows', header: 'Rows', sortingField: 'rows', cell: ({ totals }: TaskSummary) => <span className="digits">{count(totals.rows)}</span> },
  { id: 'rate', header: 'Rows/s', cell: ({ totals, state }: TaskSummary) => <span className="digits">{state === 'running' ? count(totals.rowsPerSecond) : '-'}</span> },
  { id: 'rejected', header: 'Rejected rows', sortingField: 'rejected', cell: ({ totals }: TaskSummary) => <span className="digits">{count(totals.rejectedRows)}</span> },
  { id: 'elapsed', header: 'Elapsed', cell: ({ elapsedMillis }: TaskSummary) => <span className="digits">{duration(elapsedMillis)}</span> },
  { id: 'created', header: 'Created', sortingField: 'created', cell: ({ createdMillis }: TaskSummary) => moment(createdMillis) },
];

/** All tasks, as the URL filters and sorts them. */
export function TasksTab({ place }: { readonly place: Place }) {
  const { overview } = useLive();
  const all = overview?.tasks ?? [];
  const found = listing(all, place, (task) => `${task.name} ${task.id} ${stateOf(task).text} ${task.projectFile}`, FIELDS);
  const props = listingProps(found, place);
  return (
    <Table
      {...props.table}
      variant="container"
      trackBy="id"
      items={found.items}
      columnDefinitions={COLUMNS}
      loading={overview === undefined}
      loadingText="Asking the server"
      header={<Header variant="h2" counter={`(${count(all.length)})`} actions={<Button variant="primary" href="/new-task" onFollow={(event) => followed(event, '/new-task')}>Create a task</Button>}>Tasks</Header>}
      filter={<TextFilter {...props.filter} filteringAriaLabel="Filter tasks" filteringPlaceholder="Name, state or project file" countText={found.filter === '' ? '' : `${count(found.matches)} found`} filteringClearAriaLabel="Clear the filter" />}
      {...(found.pages > 1 ? { pagination: <Pagination {...props.pagination} ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: (page) => `Page ${page}` }} /> } : {})}
      empty={<NoTasks isFiltered={found.filter !== ''} />}
      ariaLabels={{ tableLabel: 'Tasks' }}
    />
  );
}

function NoTasks({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) return <Box textAlign="center" padding="l">No task has these words.</Box>;
  return (
    <Box textAlign="center" padding="l">
      <SpaceBetween size="s">
        <div>No task yet. A task migrates the tables of one project file.</div>
        <Button href="/new-task" onFollow={(event) => followed(event, '/new-task')}>Create a task</Button>
      </SpaceBetween>
    </Box>
  );
}
