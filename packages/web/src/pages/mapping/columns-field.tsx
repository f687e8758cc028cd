// Rules for columns: another attribute name, another form, or none. Of the table that is shown; those of other tables stay below.

import type { ReactNode } from 'react';
import type { MappingPreview } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import Table from '@cloudscape-design/components/table';
import { columnsOf } from './rule-values.ts';
import type { ColumnChoice, RuleValues } from './rule-values.ts';

const FORMS = [{ value: '', label: 'Default' }, { value: 'string', label: 'String' }, { value: 'list', label: 'List' }, { value: 'set', label: 'Set' }];

interface ColumnsProps {
  readonly values: RuleValues;
  readonly set: (changes: Partial<RuleValues>) => void;
  readonly columns: MappingPreview['columns'];
  readonly table: string;
}

interface Row extends ColumnChoice { readonly cqlType: string }

export function ColumnsField({ values, set, columns, table }: ColumnsProps) {
  const chosen = columnsOf(values);
  const rows: Row[] = [
    ...columns.map(({ name, cqlType }) => ({ ...(chosen.find(({ column }) => column === name) ?? { column: name, name: '', as: '', exclude: false }), cqlType })),
    ...chosen.filter(({ column }) => !columns.some(({ name }) => name === column)).map((choice) => ({ ...choice, cqlType: 'not in this table' })),
  ];
  const change = ({ cqlType: _cqlType, ...before }: Row, changes: Partial<ColumnChoice>): void => {
    const next = { ...before, ...changes };
    const rest = chosen.filter(({ column }) => column !== next.column);
    const isEmpty = next.name === '' && next.as === '' && !next.exclude;
    set({ columns: JSON.stringify(isEmpty ? rest : [...rest, next]) });
  };
  const attribute = (row: Row): ReactNode => <Input value={row.name} placeholder={row.column} ariaLabel={`Attribute of ${row.column}`} spellcheck={false} onChange={({ detail }) => change(row, { name: detail.value })} />;
  const form = (row: Row): ReactNode => (
    <Select selectedOption={FORMS.find(({ value }) => value === row.as) ?? FORMS[0]!} options={FORMS} ariaLabel={`Form of ${row.column}`} selectedAriaLabel="Selected" onChange={({ detail }) => change(row, { as: detail.selectedOption.value ?? '' })} />
  );
  const exclude = (row: Row): ReactNode => <Checkbox checked={row.exclude} ariaLabel={`Exclude ${row.column}`} onChange={({ detail }) => change(row, { exclude: detail.checked })} />;
  return (
    <Table
      variant="embedded"
      items={rows}
      trackBy="column"
      header={<Box color="text-body-secondary">{table === '' ? 'The columns are shown once a table matches.' : `Columns of ${table}. String: numbers and timestamps as text. List: a set as a list. Set: a frozen set as a set.`}</Box>}
      ariaLabels={{ tableLabel: 'Rules for columns' }}
      empty="No columns"
      wrapLines
      columnDefinitions={[
        { id: 'column', header: 'Column', isRowHeader: true, minWidth: 130, cell: nameAndType },
        { id: 'name', header: 'Attribute', minWidth: 120, cell: attribute },
        { id: 'as', header: 'As', minWidth: 120, cell: form },
        { id: 'exclude', header: 'Exclude', minWidth: 116, cell: exclude },
      ]}
    />
  );
}

function nameAndType({ column, cqlType }: Row): ReactNode {
  return <span className="breakable"><strong>{column}</strong><br />{cqlType}</span>;
}
