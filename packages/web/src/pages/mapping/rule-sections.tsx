// All that a rule may say beside its tables: folded away until it is wanted, open where something is set.

import type { ReactNode } from 'react';
import type { MappingPreview } from '@aeneas/protocol';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { TextField } from '../../ui/text-field.tsx';
import { Choice } from './choice.tsx';
import { ColumnsField } from './columns-field.tsx';
import { IndexesField } from './indexes-field.tsx';
import { NEW_RULE } from './rule-values.ts';
import type { RuleValues } from './rule-values.ts';

interface SectionsProps {
  readonly values: RuleValues;
  readonly set: (changes: Partial<RuleValues>) => void;
  /** Of the table that is shown. */
  readonly columns: MappingPreview['columns'];
  readonly table: string;
}

const UNSET = { value: '', label: 'Not set by this rule' };

export function RuleSections({ values, set, columns, table }: SectionsProps) {
  const text = (id: keyof RuleValues, label: string, description: string, placeholder = '') => <TextField label={label} description={description} placeholder={placeholder} value={values[id]} onChange={(value) => set({ [id]: value })} />;
  const choice = (id: keyof RuleValues, label: string, options: readonly (readonly [string, string])[], description = '') => (
    <Choice label={label} description={description} value={values[id]} options={[UNSET, ...options.map(([value, words]) => ({ value, label: words }))]} onChange={(value) => set({ [id]: value })} />
  );
  const section = (title: string, ids: readonly (keyof RuleValues)[], content: ReactNode) => {
    const isSet = ids.some((id) => values[id] !== NEW_RULE[id]);
    return <ExpandableSection key={title} headerText={title} headerDescription={isSet ? 'Set by this rule.' : ''} defaultExpanded={isSet}>{content}</ExpandableSection>;
  };
  return (
    <Container header={<Header variant="h2">Choices for these tables</Header>}>
      <SpaceBetween size="s">
        {section('Keys', ['keys', 'partitionKey', 'sortKey'], (
          <SpaceBetween size="m">
            {choice('keys', 'Form of the keys', [['native', 'Native where one column can be the key'], ['encoded', 'Encoded: both sides are attributes of their own']], 'Encoded keys sort as Cassandra sorts, DESC too, and hold every value.')}
            <div className="two">
              {text('partitionKey', 'Name of an encoded partition key', 'Default: pk.', 'pk')}
              {text('sortKey', 'Name of an encoded sort key', 'Default: sk.', 'sk')}
            </div>
          </SpaceBetween>
        ))}
        {section('Columns', ['columns'], <ColumnsField values={values} set={set} columns={columns} table={table} />)}
        {section('TTL, static columns, numbers', ['ttl', 'statics', 'onUnrepresentable'], (
          <SpaceBetween size="m">
            {choice('ttl', 'TTL attribute', [['name', 'Attribute of this name'], ['none', 'None: items do not expire']], 'Default: ttl. When everything alive in a row expires, its item does, at the latest of these times.')}
            {values.ttl === 'name' ? text('ttlName', 'Name of the TTL attribute', '', 'expires_at') : null}
            {choice('statics', 'Static columns', [['item', 'An item of their own in each partition'], ['copy', 'Copied into every row']])}
            {choice('onUnrepresentable', 'Numbers that N cannot hold', [['reject', 'Reject the row'], ['string', 'Write varint, decimal, float and double as text']], 'More than 38 digits, NaN, infinity. A column has one type in all items.')}
          </SpaceBetween>
        ))}
        {section('Capacity, encryption, tags', ['capacity', 'encryption', 'tags'], (
          <SpaceBetween size="m">
            {choice('capacity', 'Capacity', [['on-demand', 'On demand'], ['provisioned', 'Provisioned']])}
            {values.capacity === '' ? null : (
              <div className="two">
                {text('read', values.capacity === 'provisioned' ? 'Read capacity units' : 'Most read request units a second', values.capacity === 'provisioned' ? '' : 'Empty: no limit.')}
                {text('write', values.capacity === 'provisioned' ? 'Write capacity units' : 'Most write request units a second', values.capacity === 'provisioned' ? '' : 'Empty: no limit.')}
              </div>
            )}
            {choice('encryption', 'Encryption at rest', [['aws-owned', 'Key owned by AWS'], ['aws-managed', 'Key managed by AWS (aws/dynamodb)'], ['kms', 'A KMS key']])}
            {values.encryption === 'kms' ? text('kmsKey', 'KMS key', 'Id, ARN or alias.', 'alias/shop') : null}
            <FormField label="Tags" description="One a line: key=value.">
              <Textarea value={values.tags} rows={3} spellcheck={false} placeholder="team=shop" onChange={({ detail }) => set({ tags: detail.value })} />
            </FormField>
          </SpaceBetween>
        ))}
        {section('Global secondary indexes', ['indexes'], <IndexesField values={values} set={set} />)}
        {section('Item profile', ['profile', 'onEmpty'], (
          <SpaceBetween size="m">
            {choice('profile', 'Item profile', [['native', 'Native: all types of DynamoDB'], ['dms', 'DMS: what AWS DMS can write']], 'DMS: strings, numbers and booleans, keys encoded, collections as JSON text.')}
            {choice('onEmpty', 'Empty values in the profile DMS', [['reject', 'Reject the row'], ['absent', 'Leave the attribute out']], 'It cannot tell an empty value from null.')}
          </SpaceBetween>
        ))}
      </SpaceBetween>
    </Container>
  );
}
