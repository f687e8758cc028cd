import Alert from '@cloudscape-design/components/alert';
import type { AlertProps } from '@cloudscape-design/components/alert';
import type { Problem } from '../problem.ts';

/** An error as the catalogue has it: what happened, what to do, and the code to look it up. */
export function ProblemAlert({ title, problem, type = 'error', onDismiss }: { readonly title: string; readonly problem: Problem; readonly type?: AlertProps.Type; readonly onDismiss?: () => void }) {
  return (
    <div role={type === 'error' ? 'alert' : undefined}>
      <Alert type={type} header={title} statusIconAriaLabel={type === 'error' ? 'Error' : 'Warning'} dismissible={onDismiss !== undefined} dismissAriaLabel="Close this message" {...(onDismiss === undefined ? {} : { onDismiss })}>
        <div className="breakable">{problem.message} ({problem.code})</div>
        <div className="breakable"><strong>What to do:</strong> {problem.remedy}</div>
      </Alert>
    </div>
  );
}
