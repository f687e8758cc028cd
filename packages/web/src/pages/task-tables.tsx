import type { TableStatus, TaskStatus } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { bytes, count } from '../format.ts';
import type { Place } from '../place.ts';
import { listing, listingProps } from '../ui/listing.ts';
import { Refusal } from '../ui/refusal.tsx';
import { SmallBar } from '../ui/small-bar.tsx';
import { phaseOf } from '../words.ts';
import type { TaskState } from '../words.ts';

const NUMBERS = [
  { id: 'splits', header: 'Splits', of: (table: TableStatus) => table.splits, cell: (table: TableStatus) => `${count(table.committedSplits)} of ${count(table.splits)}` },
  { id: 'attempts', header: 'Attempts', of: (table: TableStatus) => table.attempts, cell: (table: TableStatus) => count(table.attempts) },
  { id: 'rows', header: 'Rows', of: (table: TableStatus) => table.rows, cell: (table: TableStatus) => count(table.rows) },
  { id: 'staged', header: 'Staged', of: (table: TableStatus) => table.bytes, cell: (table: TableStatus) => bytes(table.bytes) },
  { id: 'loaded', header: 'Items loaded', of: (table: TableStatus) => table.loadedItems, cell: (table: TableStatus) => count(table.loadedItems) },
  { id: 'rejected', header: 'Rejected rows', of: (table: TableStatus) => table.rejectedRows, cell: (table: TableStatus) => count(table.rejectedRows) },
  { id: 'retries', header: 'Retries', of: (table: TableStatus) => table.retries, cell: (table: TableStatus) => count(table.retries) },
];

/** The tables of a task, filtered and sorted as the URL says. */
export function TaskTables({ status, place }: { readonly status: TaskStatus; readonly place: Place }) {
  const { state, tables } = status;
  const textOf = (table: TableStatus): string => `${table.table} ${table.target} ${phaseOf(table, state).text} ${(table.failure ?? table.lastError)?.code ?? ''}`;
  const fields = [
    { id: 'table', of: (table: TableStatus) => table.table }, { id: 'fraction', of: (table: TableStatus) => table.fraction }, { id: 'error', of: (table: TableStatus) => (table.failure ?? table.lastError)?.code ?? '' }, ...NUMBERS,
  ];
  const found = listing(tables, place, textOf, fields);
  const props = listingProps(found, place);
  return (
    <Table
      {...props.table}
      trackBy="table"
      wrapLines
      items={found.items}
      columnDefinitions={columns(state, found.items.some((table) => (table.failure ?? table.lastError ?? table.lastRetryReason) !== undefined))}
      header={<Header variant="h2" description="A table that fails does not hold up the others.">Tables</Header>}
      filter={<TextFilter {...props.filter} filteringAriaLabel="Filter tables" filteringPlaceholder="Name, phase or error code" countText={found.filter === '' ? '' : `${count(found.matches)} found`} filteringClearAriaLabel="Clear the filter" />}
      {...(found.pages > 1 ? { pagination: <Pagination {...props.pagination} ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: (page) => `Page ${page}` }} /> } : {})}
      empty={<Box textAlign="center" padding="l">{found.filter === '' ? 'The tables are known once the task has been started.' : 'No table has these words.'}</Box>}
      ariaLabels={{ tableLabel: 'Tables' }}
    />
  );
}

/** Errors stand before the numbers, where no screen is too narrow for them. */
function columns(state: TaskState, hasErrors: boolean) {
  return [
    { id: 'table', header: 'Table', sortingField: 'table', isRowHeader: true, minWidth: 160, cell: ({ table, target }: TableStatus) => <><span className="breakable">{table}</span>{target === table ? null : <Box variant="small" display="block">to {target}</Box>}</> },
    { id: 'fraction', header: 'Progress', sortingField: 'fraction', minWidth: 190, cell: (table: TableStatus) => <Progress table={table} state={state} /> },
    { id: 'error', header: 'Last error', sortingField: 'error', minWidth: hasErrors ? 280 : 110, cell: (table: TableStatus) => <LastError table={table} state={state} /> },
    ...NUMBERS.map(({ id, header, cell }) => ({ id, header, sortingField: id, cell: (table: TableStatus) => <span className="digits">{cell(table)}</span> })),
  ];
}

function Progress({ table, state }: { readonly table: TableStatus; readonly state: TaskState }) {
  const { look, text } = phaseOf(table, state);
  return <><StatusIndicator type={look}>{text}</StatusIndicator><SmallBar fraction={table.fraction} label={`Progress of ${table.table}`} /></>;
}

/** Why the table or a piece of its work failed; else what requests to AWS had to be made again for, as those retries go on unseen otherwise. */
function LastError({ table: { failure, lastError, lastRetryReason, nextRetryMillis }, state }: { readonly table: TableStatus; readonly state: TaskState }) {
  const error = failure ?? lastError;
  if (error === undefined) return lastRetryReason === undefined ? '-' : <span className="breakable">Last retry: {lastRetryReason}</span>;
  return <Refusal error={error} isFinal={failure !== undefined} {...(failure === undefined && state === 'running' ? { nextRetryMillis } : {})} />;
}
