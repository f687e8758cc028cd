import type { LogEntry } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { count, moment } from '../format.ts';
import type { Place } from '../place.ts';
import { listing, listingProps } from '../ui/listing.ts';

const COLUMNS = [
  { id: 'time', header: 'Time', width: 220, cell: ({ millis }: LogEntry) => moment(millis) },
  { id: 'kind', header: 'Kind', width: 140, cell: ({ kind }: LogEntry) => kind },
  { id: 'text', header: 'What happened', isRowHeader: true, cell: ({ text }: LogEntry) => <span className="breakable">{text}</span> },
];

/** What happened to the task, the newest first. */
export function TaskLog({ entries, place }: { readonly entries: readonly LogEntry[]; readonly place: Place }) {
  const found = listing(entries.toReversed(), place, ({ kind, text }) => `${kind} ${text}`, []);
  const props = listingProps(found, place);
  return (
    <Table
      trackBy={({ number }) => String(number)}
      wrapLines
      items={found.items}
      columnDefinitions={COLUMNS}
      header={<Header variant="h2" description="The newest first.">Log</Header>}
      filter={<TextFilter {...props.filter} filteringAriaLabel="Filter the log" filteringPlaceholder="Kind or words" countText={found.filter === '' ? '' : `${count(found.matches)} found`} filteringClearAriaLabel="Clear the filter" />}
      {...(found.pages > 1 ? { pagination: <Pagination {...props.pagination} ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: (page) => `Page ${page}` }} /> } : {})}
      empty={<Box textAlign="center" padding="l">{found.filter === '' ? 'Nothing has happened yet.' : 'No entry has these words.'}</Box>}
      ariaLabels={{ tableLabel: 'Log' }}
    />
  );
}
