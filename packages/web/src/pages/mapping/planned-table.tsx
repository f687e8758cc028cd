// What becomes of a table: the picker, what somebody should decide, and the DynamoDB table.

import type { MappingActionItem, MappingPreview, PlannedTable } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { count } from '../../format.ts';
import type { Problem } from '../../problem.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { Choice } from './choice.tsx';

interface PlannedProps {
  readonly preview: { readonly value?: MappingPreview | undefined; readonly problem?: Problem; readonly isAsking: boolean };
  /** Tables that match. */
  readonly names: readonly string[];
  readonly table: string;
  readonly onTable: (table: string) => void;
}

export function PlannedTableView({ preview: { value, problem, isAsking }, names, table, onTable }: PlannedProps) {
  if (table === '') return <output>No table matches yet.</output>;
  return (
    <SpaceBetween size="m">
      <Choice label="Table" description="One of those that match." value={table} options={names.map((name) => ({ value: name, label: name }))} isLong onChange={onTable} />
      {problem === undefined ? null : <ProblemAlert title="There is no preview" problem={problem} type="warning" />}
      {problem !== undefined ? null : value === undefined ? <output>{isAsking ? 'Asking ...' : ''}</output> : (
        <SpaceBetween size="m">
          <ActionItems items={value.actionItems} title="Before you migrate" none={`Nothing has to be decided${value.checked.of > 1 ? ` for the ${count(value.checked.tables)} of ${count(value.checked.of)} tables that were checked` : ''}.`} />
          {value.planned === undefined ? null : <Planned planned={value.planned} />}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

const LOOK = { high: 'error', medium: 'warning', low: 'info' } as const;
const WORDS = { high: 'To be solved', medium: 'To be decided', low: 'Worth knowing' } as const;

export function ActionItems({ items, title, none }: { readonly items: readonly MappingActionItem[]; readonly title: string; readonly none: string }) {
  return (
    <section aria-label={title} aria-live="polite">
      <Box variant="h3">{title}</Box>
      {items.length === 0 ? <StatusIndicator type="success" iconAriaLabel="Good">{none}</StatusIndicator> : (
        <ul className="findings">
          {items.map(({ severity, table, what, remedy }) => (
            <li key={`${table} ${what}`}>
              <StatusIndicator type={LOOK[severity]} iconAriaLabel={severity}><strong>{WORDS[severity]}: {table}</strong></StatusIndicator>
              <div className="breakable">{what}</div>
              <div className="breakable"><strong>What to do:</strong> {remedy}</div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

type Attribute = PlannedTable['attributes'][number];

const COLUMNS = [
  { id: 'column', header: 'Column', isRowHeader: true, minWidth: 120, cell: ({ column }: Attribute) => <span className="breakable">{column}</span> },
  { id: 'cql', header: 'CQL type', minWidth: 125, cell: ({ cqlType, kind }: Attribute) => <span className="breakable">{cqlType}{kind === 'static' ? ', static' : ''}</span> },
  { id: 'attribute', header: 'Attribute', minWidth: 135, cell: ({ attribute }: Attribute) => <span className="breakable">{attribute ?? '-'}</span> },
  { id: 'type', header: 'Type', cell: ({ type }: Attribute) => type ?? '-', width: 80 },
  { id: 'form', header: 'Values', minWidth: 110, cell: ({ form }: Attribute) => form },
];

function Planned({ planned }: { readonly planned: PlannedTable }) {
  const { name, keys, attributes, ttl, statics, profile, capacity, encryption, tags, indexes } = planned;
  const facts = [
    { label: 'DynamoDB table', value: <span className="breakable">{name}</span> },
    ...keys.map(({ attribute, type, role, isNative, columns }) => ({ label: role === 'HASH' ? 'Partition key' : 'Sort key', value: <span className="breakable">{attribute} ({type}){isNative ? '' : `, encoded from ${columns.join(', ') || 'static columns'}`}</span> })),
    { label: 'TTL attribute', value: ttl ?? 'none' },
    ...(statics === undefined ? [] : [{ label: 'Static columns', value: statics === 'item' ? 'an item of their own' : 'copied into every row' }]),
    { label: 'Item profile', value: profile }, { label: 'Capacity', value: capacity }, { label: 'Encryption', value: encryption },
    ...(Object.keys(tags).length === 0 ? [] : [{ label: 'Tags', value: Object.entries(tags).map(([key, value]) => `${key}=${value}`).join(', ') }]),
    ...indexes.map((index) => ({ label: `Index ${index.name}`, value: <span className="breakable">{index.partitionKey}{index.sortKey === undefined ? '' : `, ${index.sortKey}`}; {index.projection}</span> })),
  ];
  return (
    <SpaceBetween size="m">
      <KeyValuePairs columns={2} items={facts} />
      <Table
        variant="embedded"
        items={[...attributes]}
        trackBy="column"
        ariaLabels={{ tableLabel: 'Attributes' }}
        empty="No columns"
        wrapLines
        columnDefinitions={COLUMNS}
      />
    </SpaceBetween>
  );
}
