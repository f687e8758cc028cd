// Global secondary indexes of the target table: made from an index or view of Cassandra, or named with their keys.

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { TextField } from '../../ui/text-field.tsx';
import { Choice } from './choice.tsx';
import { indexesOf, NEW_INDEX } from './rule-values.ts';
import type { IndexChoice, RuleValues } from './rule-values.ts';

const PROJECTIONS = [
  { value: '', label: 'Default: all, or what the view selects' }, { value: 'all', label: 'All attributes' }, { value: 'keys-only', label: 'Keys only' }, { value: 'include', label: 'These attributes' },
];

export function IndexesField({ values, set }: { readonly values: RuleValues; readonly set: (changes: Partial<RuleValues>) => void }) {
  const indexes = indexesOf(values);
  const put = (next: readonly IndexChoice[]): void => set({ indexes: JSON.stringify(next) });
  return (
    <SpaceBetween size="m">
      <Box color="text-body-secondary">Give name and partition key, or the index or view of Cassandra that it is made from (* for all). A later rule&apos;s list takes the place of this one.</Box>
      {indexes.map((index, i) => {
        const change = (changes: Partial<IndexChoice>): void => put(indexes.with(i, { ...index, ...changes }));
        const text = (id: keyof IndexChoice, label: string, description = '') => <TextField label={label} description={description} value={index[id]} onChange={(value) => change({ [id]: value })} />;
        return (
          // An index has no name of its own until it is typed; the place in the list is what it is known by.
          // oxlint-disable-next-line react/no-array-index-key
          <fieldset className="index-rule" key={i}>
            <legend>Index {i + 1}</legend>
            <SpaceBetween size="m">
              <div className="two">{text('name', 'Index name')}{text('from', 'Made from', 'Name of an index or view.')}</div>
              <div className="two">{text('partitionKey', 'Index partition key', 'Column or attribute.')}{text('sortKey', 'Index sort key', 'Column or attribute.')}</div>
              <Choice label="Projection" value={index.projection} options={PROJECTIONS} onChange={(projection) => change({ projection })} />
              {index.projection === 'include' ? text('include', 'Attributes of the index', 'With commas between.') : null}
              <div className="two">{text('read', 'Index read units')}{text('write', 'Index write units')}</div>
              <Button formAction="none" ariaLabel={`Remove index ${i + 1}`} onClick={() => put(indexes.toSpliced(i, 1))}>Remove</Button>
            </SpaceBetween>
          </fieldset>
        );
      })}
      <Button formAction="none" iconName="add-plus" onClick={() => put([...indexes, NEW_INDEX])}>Add index</Button>
    </SpaceBetween>
  );
}
