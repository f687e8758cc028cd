// Real rows beside the items that they become, made by the reader and the encoder of the migration.

import type { MappingSamples } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bytes, count } from '../../format.ts';
import { useAnswer } from '../../ui/answer.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { ActionItems } from './planned-table.tsx';
import { askSamples } from './questions.ts';
import type { RuleQuestion } from './questions.ts';

export function SampleRows({ question }: { readonly question: RuleQuestion }) {
  const { value: last, problem, isAsking } = useAnswer(question, askSamples);
  const value = problem === undefined ? last : undefined;
  return (
    <section aria-label="Items of real rows">
      <SpaceBetween size="m">
        <Box variant="h3">Items of real rows</Box>
        <output>{isAsking ? 'Reading rows ...' : value === undefined ? '' : readText(value)}</output>
        {problem === undefined ? null : <ProblemAlert title="There are no items to show" problem={problem} type="warning" />}
        {value?.none === undefined ? null : <ProblemAlert title="There are no items to show" problem={value.none} type="warning" />}
        {value === undefined || value.read === 0 ? null : <ActionItems items={value.actionItems} title="What these rows lose" none="Nothing: all of them fit." />}
        {value?.samples.map(({ row, item, sizeBytes, rejected }, i) => (
          // Rows have no other name than their place.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={i} className="two">
            <Json label={`Row ${i + 1} in Cassandra`} text={row} />
            {item === undefined ? (
              <div className="breakable"><Box variant="awsui-key-label">Item {i + 1}</Box>This row is rejected{rejected?.column === undefined ? '' : ` because of ${rejected.column}`}: {rejected?.detail} ({rejected?.reason}). <strong>What to do:</strong> {rejected?.remedy}</div>
            ) : <Json label={`Item ${i + 1} in DynamoDB, ${bytes(sizeBytes ?? 0)}`} text={JSON.stringify(JSON.parse(item), null, 2)} />}
          </div>
        ))}
      </SpaceBetween>
    </section>
  );
}

const MOST_ROWS = 24;

/** A field, so that the keyboard reaches, scrolls and selects it. */
function Json({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <textarea className="code" aria-label={label} readOnly spellCheck={false} wrap="off" rows={Math.min(MOST_ROWS, text.split('\n').length)} value={text} />
    </div>
  );
}

function readText({ read, isWhole, none }: MappingSamples): string {
  if (none !== undefined) return '';
  if (read === 0) return 'The table has no rows.';
  return isWhole ? `All ${count(read)} rows of the table were looked at; these are the first.` : `The first ${count(read)} rows were looked at.`;
}
