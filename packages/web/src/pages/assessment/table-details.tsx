// One table of the report.

import type { AssessedTableDetails } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { bytes, count } from '../../format.ts';
import { withQuery } from '../../place.ts';
import type { Place } from '../../place.ts';
import { server } from '../../server.ts';
import { Link } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { useTitle } from '../../ui/title.ts';
import { useAsked } from '../projects/asked.ts';
import { Findings } from './action-items.tsx';
import { Queries } from './queries.tsx';
import { dollars, exactness, seconds } from './words.ts';

type Item = AssessedTableDetails['largestItems'][number];
type Partition = AssessedTableDetails['largestPartitions'][number];

const ITEM_COLUMNS = [
  { id: 'key', header: 'Partition key', isRowHeader: true, minWidth: 220, cell: ({ partitionKey }: Item) => <code className="breakable">{partitionKey}</code> },
  { id: 'size', header: 'Bytes', minWidth: 110, cell: ({ sizeBytes }: Item) => <span className="digits">{count(sizeBytes)}</span> },
  { id: 'units', header: 'Write units', minWidth: 110, cell: ({ writeUnits }: Item) => <span className="digits">{count(writeUnits)}</span> },
];

const number = (id: string, header: string, show: (one: Partition) => string) => ({ id, header, cell: (one: Partition) => <span className="digits">{show(one)}</span> });
const PARTITION_COLUMNS = [
  { id: 'key', header: 'Partition key', isRowHeader: true, minWidth: 220, cell: ({ partitionKey, isHot }: Partition) => <><code className="breakable">{partitionKey}</code>{isHot ? <div><StatusIndicator type="warning" iconAriaLabel="Warning">hot</StatusIndicator></div> : null}</> },
  number('size', 'Size', ({ sizeBytes }) => bytes(sizeBytes)), number('share', 'Share of the table', ({ share }) => `${(share * 100).toFixed(1)} %`), number('sstables', 'SSTables', ({ sstables }) => count(sstables)),
  number('items', 'Items', ({ items }) => count(items)), number('units', 'Write units', ({ writeUnits }) => count(writeUnits)), number('reads', 'Read units', ({ readUnits }) => count(readUnits)), number('time', 'Loading, at least', ({ loadSeconds }) => seconds(loadSeconds)),
];

interface DetailsProps { readonly project: string; readonly table: string; readonly madeMillis: number; readonly place: Place }

export function TableDetails({ project, table, madeMillis, place }: DetailsProps) {
  useTitle(`${table}, assessment report of ${project}`);
  const { value, problem } = useAsked(`${project} ${table} ${madeMillis}`, () => server.assessment.table({ name: project, table }));
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to={withQuery(place, { table: undefined })}>Assessment report of {project}</Link></nav>
      <Header variant="h1" {...(value === undefined || value.target === table ? {} : { description: `Becomes ${value.target}` })}><span className="breakable">{table}</span></Header>
      {problem === undefined ? null : <ProblemAlert title="The table cannot be shown" problem={problem} />}
      {value === undefined ? (problem === undefined ? <output>Asking the server ...</output> : null) : <Details of={value} />}
    </SpaceBetween>
  );
}

function Details({ of }: { readonly of: AssessedTableDetails }) {
  const figure = (label: string, value: string) => ({ label, value: <span className="digits">{value}</span> });
  return (
    <SpaceBetween size="l">
      <KeyValuePairs columns={4} items={[
        figure('SSTables', count(of.sstables)), figure('Size in Cassandra', bytes(of.sizeBytes)), figure('Uncompressed', bytes(of.uncompressedBytes)), figure('How exact', exactness(of)),
        figure('Rows', count(of.rows)), figure('Items', count(of.items)), figure('Size in DynamoDB', bytes(of.itemBytes)), figure('Write units', count(of.writeUnits)),
        figure('Rows that cannot become items', count(of.rejected)), { label: 'Time to live', value: ttlText(of) },
        ...of.ways.map((way) => figure(way.name, dollars(way.dollars))),
      ]} />
      <section aria-label="Action items"><Header variant="h2">What will not fit, and what to decide</Header><Findings items={of.findings} /></section>
      <HotPartitions of={of} />
      <section aria-label="Largest items">
        <Header variant="h2" description="Of those that were read. An item has 409,600 bytes at most.">Largest items</Header>
        <Table variant="embedded" wrapLines items={of.largestItems} ariaLabels={{ tableLabel: 'Largest items' }} empty="No item was read." columnDefinitions={ITEM_COLUMNS} />
      </section>
      <section aria-label="Queries"><Header variant="h2">Queries</Header><Queries queries={of.queries.map((query) => ({ ...query, target: of.target }))} /></section>
    </SpaceBetween>
  );
}

function HotPartitions({ of: { largestPartitions, trafficLimit } }: { readonly of: AssessedTableDetails }) {
  return (
    <section aria-label="Largest partitions">
      <SpaceBetween size="xs">
        <Header variant="h2">Largest and hot partitions</Header>
        <Box variant="p">
          SSTables tell how much is in a partition, not how often it is read or written. One partition of DynamoDB takes 1,000 write and 3,000 read units a second.
          {trafficLimit === undefined ? '' : ` If traffic is spread over the keys as the bytes are, the largest partition lets the whole table take about ${count(trafficLimit.writeUnits)} write and ${count(trafficLimit.readUnits)} read units a second.`}
          {' '}Item collections are limited to 10 GB only in tables with local secondary indexes, and Aeneas makes none. Items and units are estimates by the partition&apos;s share of the bytes.
        </Box>
        <Table variant="embedded" wrapLines items={largestPartitions} ariaLabels={{ tableLabel: 'Largest partitions' }} empty="The table has no data." columnDefinitions={PARTITION_COLUMNS} />
      </SpaceBetween>
    </section>
  );
}

function ttlText({ ttlAttribute, mixedExpiry }: AssessedTableDetails): string {
  if (ttlAttribute === undefined) return 'The mapping keeps none';
  return mixedExpiry === 0 ? `Attribute ${ttlAttribute}` : `Attribute ${ttlAttribute}; ${count(mixedExpiry)} rows have cells that expire at different times`;
}
