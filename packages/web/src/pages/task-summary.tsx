import type { ReactNode } from 'react';
import type { TaskStatus } from '@aeneas/protocol';
import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { bytes, count, duration, moment, percent } from '../format.ts';
import { stateOf } from '../words.ts';

/** The whole task in numbers. */
export function TaskSummaryBox({ status }: { readonly status: TaskStatus }) {
  const { totals, state } = status;
  const look = stateOf(status);
  const isAtWork = state === 'running' || state === 'stopping';
  return (
    <Container>
      <SpaceBetween size="m">
        <ProgressBar value={percent(totals.fraction)} label="Progress" description={<StatusIndicator type={look.look}>{look.text}</StatusIndicator>} />
        <KeyValuePairs
          columns={4}
          items={[
            fact('Elapsed', duration(status.elapsedMillis)),
            fact('Tables', `${count(totals.tablesDone)} of ${count(totals.tables)} done${totals.tablesFailed > 0 ? `, ${count(totals.tablesFailed)} failed` : ''}`),
            fact('Splits', `${count(totals.committedSplits)} of ${count(totals.splits)} done`),
            fact('Attempts', `${count(totals.attempts)}${totals.attempts > totals.splits ? ` (${count(totals.attempts - totals.splits)} continued or repeated)` : ''}`),
            fact('Rows', count(totals.rows)),
            fact('Rows/s', isAtWork ? count(totals.rowsPerSecond) : '-'),
            fact('Staged', bytes(totals.bytes)),
            fact('Items loaded', `${count(totals.loadedItems)} of ${count(totals.items)}`),
            fact('Rejected rows', totals.rejectedRows === 0 ? '0' : <StatusIndicator type="warning">{count(totals.rejectedRows)}</StatusIndicator>),
            fact('Retries of requests', count(totals.retries)),
            fact('Started', status.startedMillis === undefined ? '-' : moment(status.startedMillis)),
            fact(state === 'stopped' ? 'Stopped' : 'Ended', status.endedMillis === undefined || status.startedMillis === undefined ? '-' : moment(status.endedMillis)),
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

function fact(label: string, value: ReactNode) {
  return { label, value: <span className="digits">{value}</span> };
}
