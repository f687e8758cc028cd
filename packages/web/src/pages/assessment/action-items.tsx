import type { AssessmentActionItem, AssessmentReport } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Pagination from '@cloudscape-design/components/pagination';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { count } from '../../format.ts';
import type { Place } from '../../place.ts';
import { listing, listingProps } from '../../ui/listing.ts';
import { SEVERITIES, SEVERITY_LOOK, SEVERITY_TEXT } from './words.ts';

const COLUMNS = [
  { id: 'severity', header: 'Severity', sortingField: 'severity', minWidth: 150, cell: ({ severity }: AssessmentActionItem) => <StatusIndicator type={SEVERITY_LOOK[severity]} iconAriaLabel={severity} wrapText>{SEVERITY_TEXT[severity]}</StatusIndicator> },
  { id: 'table', header: 'Table', sortingField: 'table', isRowHeader: true, minWidth: 150, cell: ({ table }: AssessmentActionItem) => <span className="breakable">{table}</span> },
  { id: 'what', header: 'What', minWidth: 260, cell: ({ what }: AssessmentActionItem) => <span className="breakable">{what}</span> },
  { id: 'remedy', header: 'What to do', minWidth: 220, cell: ({ remedy }: AssessmentActionItem) => remedy },
];
const FIELDS = [{ id: 'severity', of: ({ severity }: AssessmentActionItem) => SEVERITIES.indexOf(severity) }, { id: 'table', of: ({ table }: AssessmentActionItem) => table }];

export function ActionItems({ report: { actionItems, counts }, place }: { readonly report: AssessmentReport; readonly place: Place }) {
  const found = listing(actionItems, place, ({ severity, table, what }) => `${SEVERITY_TEXT[severity]} ${table} ${what}`, FIELDS);
  const props = listingProps(found, place);
  const hidden = counts.high + counts.medium + counts.low - actionItems.length;
  return (
    <Table
      {...props.table}
      variant="embedded"
      wrapLines
      items={found.items}
      columnDefinitions={COLUMNS}
      filter={<TextFilter {...props.filter} filteringAriaLabel="Filter action items" filteringPlaceholder="Table, severity or words" countText={found.filter === '' ? '' : `${count(found.matches)} found`} filteringClearAriaLabel="Clear the filter" />}
      {...(found.pages > 1 ? { pagination: <Pagination {...props.pagination} ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: (page) => `Page ${page}` }} /> } : {})}
      {...(hidden > 0 ? { footer: `${count(hidden)} more, less severe, are in the report as CSV and JSON.` } : {})}
      empty={<Box textAlign="center" padding="l">{found.filter === '' ? 'Nothing has to be decided: everything fits.' : 'No action item has these words.'}</Box>}
      ariaLabels={{ tableLabel: 'Action items' }}
    />
  );
}

/** Of one table, without filter and pages. */
export function Findings({ items }: { readonly items: readonly AssessmentActionItem[] }) {
  return <Table variant="embedded" wrapLines items={items} columnDefinitions={COLUMNS.filter(({ id }) => id !== 'table').map((column) => ({ ...column, isRowHeader: column.id === 'what' }))} sortingDisabled ariaLabels={{ tableLabel: 'Action items' }} empty="Nothing has to be decided: everything fits." />;
}
