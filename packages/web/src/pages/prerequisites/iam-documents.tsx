import type { IamDocuments } from '@aeneas/protocol';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { go, withQuery } from '../../place.ts';
import type { Place } from '../../place.ts';
import { CodeBlock } from '../../ui/code-block.tsx';

const FORMATS = [
  { id: 'json', text: 'JSON', file: 'permissions.json', key: 'json', hint: 'ACCOUNT_ID stands for your account, where none was typed.' },
  { id: 'cloudformation', text: 'CloudFormation', file: 'permissions.yaml', key: 'cloudFormation', hint: 'aws cloudformation deploy --stack-name aeneas-permissions --template-file permissions.yaml --capabilities CAPABILITY_NAMED_IAM' },
  { id: 'terraform', text: 'Terraform', file: 'permissions.tf', key: 'terraform', hint: 'terraform init && terraform plan' },
] as const;

export function IamDocumentsBox({ documents, place }: { readonly documents: IamDocuments; readonly place: Place }) {
  const format = FORMATS.find(({ id }) => id === place.query.get('format')) ?? FORMATS[0];
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" description={format.hint}>Documents</Header>}>
        <SpaceBetween size="m">
          <SegmentedControl
            label="Format" selectedId={format.id} options={FORMATS.map(({ id, text }) => ({ id, text }))}
            onChange={({ detail }) => go(withQuery(place, { format: detail.selectedId === 'json' ? undefined : detail.selectedId }), 'replace')}
          />
          <CodeBlock label={`Policies and role as ${format.text}`} text={documents[format.key]} file={format.file} />
        </SpaceBetween>
      </Container>
      <ExpandableSection variant="container" headerText="What least privilege changes, statement by statement" headingTagOverride="h2">
        <Table
          variant="embedded" wrapLines
          ariaLabels={{ tableLabel: 'What least privilege changes' }}
          items={[...documents.differences]}
          columnDefinitions={[
            { id: 'policy', header: 'Policy', cell: ({ policy }) => policy, isRowHeader: true },
            { id: 'seed', header: 'In the guide', cell: ({ seed }) => seed },
            { id: 'least', header: 'Least privilege', cell: ({ least }) => least },
            { id: 'why', header: 'Why', cell: ({ why }) => why },
          ]}
        />
      </ExpandableSection>
    </SpaceBetween>
  );
}
