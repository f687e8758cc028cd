import type { AssessmentReport } from '@aeneas/protocol';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { bytes, count } from '../../format.ts';
import { dollars, seconds, SEVERITIES, SEVERITY_LOOK, SEVERITY_TEXT } from './words.ts';

const COST_COLUMNS = [
  { id: 'name', header: 'Loader', isRowHeader: true, minWidth: 170, cell: ({ name }: AssessmentReport['ways'][number]) => name },
  { id: 'dollars', header: 'US dollars', minWidth: 110, cell: (way: AssessmentReport['ways'][number]) => <span className="digits">{dollars(way.dollars)}</span> },
  { id: 'note', header: 'Note', minWidth: 240, cell: ({ note }: AssessmentReport['ways'][number]) => note },
];
const TIME_COLUMNS = [
  { id: 'name', header: 'Step', isRowHeader: true, minWidth: 170, cell: ({ name }: AssessmentReport['times'][number]) => name },
  { id: 'time', header: 'At least', minWidth: 110, cell: (time: AssessmentReport['times'][number]) => <span className="digits">{seconds(time.seconds)}</span> },
  { id: 'note', header: 'Note', minWidth: 240, cell: ({ note }: AssessmentReport['times'][number]) => note },
];

export function ReportSummary({ report: { tables, counts, ways, basis, times } }: { readonly report: AssessmentReport }) {
  const sum = (of: (table: (typeof tables)[number]) => number): number => tables.reduce((total, table) => total + of(table), 0);
  const number = (label: string, value: string) => ({ label, value: <span className="digits">{value}</span> });
  return (
    <SpaceBetween size="l">
      <KeyValuePairs columns={4} items={[
        number('Tables', count(tables.length)), number('Size in Cassandra', bytes(sum(({ sizeBytes }) => sizeBytes))), number('Rows', count(sum(({ rows }) => rows))), number('Items', count(sum(({ items }) => items))),
        number('Size in DynamoDB', bytes(sum(({ itemBytes }) => itemBytes))), number('Write units to load them', count(sum(({ writeUnits }) => writeUnits))), number('Rows that cannot become items', count(sum(({ rejected }) => rejected))),
        number('Hot partitions', count(sum(({ hotPartitions }) => hotPartitions))),
        ...SEVERITIES.map((severity) => ({ label: SEVERITY_TEXT[severity], value: <StatusIndicator type={counts[severity] === 0 ? 'success' : SEVERITY_LOOK[severity]} iconAriaLabel={severity}>{count(counts[severity])}</StatusIndicator> })),
      ]} />
      <Table
        variant="embedded"
        wrapLines
        header={<Header variant="h3" description={`Reckoned with ${basis}.`}>Cost of loading</Header>}
        ariaLabels={{ tableLabel: 'Cost of loading' }}
        items={ways}
        columnDefinitions={COST_COLUMNS}
      />
      <Table
        variant="embedded"
        wrapLines
        header={<Header variant="h3" description="Lower bounds. S3 import: AWS tells no speed; allow hours for terabytes.">Time of loading</Header>}
        ariaLabels={{ tableLabel: 'Time of loading' }}
        items={times}
        columnDefinitions={TIME_COLUMNS}
      />
    </SpaceBetween>
  );
}
