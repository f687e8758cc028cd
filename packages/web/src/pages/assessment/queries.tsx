import type { AssessmentQuery } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { PATH_LOOK, PATH_TEXT } from './words.ts';

const COLUMNS = [
  { id: 'query', header: 'Query', isRowHeader: true, minWidth: 240, cell: ({ query }: AssessmentQuery) => <code className="breakable">{query}</code> },
  { id: 'by', header: 'Answered', minWidth: 170, cell: ({ by }: AssessmentQuery) => <StatusIndicator type={PATH_LOOK[by]} iconAriaLabel={by} wrapText>{PATH_TEXT[by]}</StatusIndicator> },
  { id: 'target', header: 'Of', minWidth: 130, cell: ({ target }: AssessmentQuery) => <span className="breakable">{target}</span> },
  { id: 'answer', header: 'How', minWidth: 240, cell: ({ answer, notes }: AssessmentQuery) => <><div className="breakable">{answer}</div>{notes.map((note) => <Box key={note} variant="small" display="block">{note}</Box>)}</> },
];

/** How each query is answered. */
export function Queries({ queries }: { readonly queries: readonly AssessmentQuery[] }) {
  return (
    <Table
      variant="embedded"
      wrapLines
      items={queries}
      ariaLabels={{ tableLabel: 'Queries' }}
      columnDefinitions={COLUMNS}
      empty={<Box textAlign="center" padding="l">No query was asked about. Type SELECT statements above, and start again.</Box>}
    />
  );
}
