import type { AssessedTableRow } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Pagination from '@cloudscape-design/components/pagination';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { bytes, count } from '../../format.ts';
import { withQuery } from '../../place.ts';
import type { Place } from '../../place.ts';
import { Link } from '../../ui/link.tsx';
import { listing, listingProps } from '../../ui/listing.ts';
import { dollars, exactness } from './words.ts';

const NUMBERS: readonly { readonly id: string; readonly header: string; readonly of: (row: AssessedTableRow) => number; readonly show: (value: number) => string }[] = [
  { id: 'size', header: 'In Cassandra', of: ({ sizeBytes }) => sizeBytes, show: bytes },
  { id: 'rows', header: 'Rows', of: ({ rows }) => rows, show: count },
  { id: 'items', header: 'Items', of: ({ items }) => items, show: count },
  { id: 'item-bytes', header: 'In DynamoDB', of: ({ itemBytes }) => itemBytes, show: bytes },
  { id: 'units', header: 'Write units', of: ({ writeUnits }) => writeUnits, show: count },
  { id: 'rejected', header: 'Do not fit', of: ({ rejected }) => rejected, show: count },
  { id: 'partition', header: 'Largest partition', of: ({ largestPartitionBytes }) => largestPartitionBytes, show: bytes },
  { id: 'hot', header: 'Hot', of: ({ hotPartitions }) => hotPartitions, show: count },
  { id: 'on-demand', header: 'On demand', of: ({ onDemandDollars }) => onDemandDollars, show: dollars },
  { id: 'import', header: 'S3 import', of: ({ importDollars }) => importDollars, show: dollars },
  { id: 'found', header: 'Action items', of: ({ actionItems }) => actionItems, show: count },
];
const FIELDS = [{ id: 'table', of: ({ table }: AssessedTableRow) => table }, ...NUMBERS];

/** All tables, filtered and sorted as the URL says, a page at a time. */
export function ReportTables({ tables, place }: { readonly tables: readonly AssessedTableRow[]; readonly place: Place }) {
  const found = listing(tables, place, ({ table, target }) => `${table} ${target}`, FIELDS);
  const props = listingProps(found, place);
  return (
    <Table
      {...props.table}
      variant="embedded"
      trackBy="table"
      wrapLines
      items={found.items}
      columnDefinitions={columns(place)}
      filter={<TextFilter {...props.filter} filteringAriaLabel="Filter tables" filteringPlaceholder="Name" countText={found.filter === '' ? '' : `${count(found.matches)} found`} filteringClearAriaLabel="Clear the filter" />}
      {...(found.pages > 1 ? { pagination: <Pagination {...props.pagination} ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: (page) => `Page ${page}` }} /> } : {})}
      empty={<Box textAlign="center" padding="l">{found.filter === '' ? 'The source has no tables that the project migrates.' : 'No table has these words.'}</Box>}
      ariaLabels={{ tableLabel: 'Tables' }}
    />
  );
}

function columns(place: Place) {
  return [
    { id: 'table', header: 'Table', sortingField: 'table', isRowHeader: true, minWidth: 170, cell: ({ table, target }: AssessedTableRow) => <><span className="breakable"><Link to={withQuery(place, { table })}>{table}</Link></span>{target === table ? null : <Box variant="small" display="block">to {target}</Box>}</> },
    ...NUMBERS.map(({ id, header, of, show }) => ({ id, header, sortingField: id, cell: (row: AssessedTableRow) => <span className="digits">{show(of(row))}</span> })),
    { id: 'exact', header: 'How exact', minWidth: 110, cell: (row: AssessedTableRow) => exactness(row) },
  ];
}
