// The words and colours of states, the same wherever they are shown.

import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { AgentStatus, TableStatus, TaskStatus } from '@aeneas/protocol';

export type TaskState = TaskStatus['state'];
type Look = StatusIndicatorProps.Type;

export const STATE_TEXT: Readonly<Record<TaskState, string>> = {
  created: 'not started', running: 'running', stopping: 'stopping', stopped: 'stopped', deleting: 'deleting', done: 'done', failed: 'failed',
};
const STATE_LOOK: Readonly<Record<TaskState, Look>> = {
  created: 'pending', running: 'in-progress', stopping: 'in-progress', stopped: 'stopped', deleting: 'in-progress', done: 'success', failed: 'error',
};

/** A task that ended with rejected or different rows is done, but not clean. */
export function stateOf({ state, isClean }: Pick<TaskStatus, 'state' | 'isClean'>): { readonly look: Look; readonly text: string } {
  if (state === 'done' && isClean === false) return { look: 'warning', text: 'done, with findings' };
  return { look: STATE_LOOK[state], text: STATE_TEXT[state] };
}

const PHASE_TEXT: Readonly<Record<TableStatus['phase'], string>> = { prepare: 'preparing', extract: 'extracting', load: 'loading', validate: 'validating', done: 'done' };

/** How a table is, within a task in this state. */
export function phaseOf({ phase, failure, isEqual, lastError, running, rejectedRows }: TableStatus, task: TaskState): { readonly look: Look; readonly text: string } {
  if (failure !== undefined) return { look: 'error', text: 'given up' };
  if (isEqual === false) return { look: 'error', text: 'different' };
  if (phase === 'done') return rejectedRows > 0 ? { look: 'warning', text: 'done, rows rejected' } : { look: 'success', text: isEqual === true ? 'done, equal' : 'done' };
  const text = PHASE_TEXT[phase];
  if (task !== 'running' && task !== 'stopping') return { look: 'stopped', text: `stopped while ${text}` };
  if (lastError !== undefined && running === 0) return { look: 'warning', text: `${text}, waiting to retry` };
  return running > 0 ? { look: 'in-progress', text } : { look: 'pending', text };
}

export function healthOf({ health, error }: Pick<AgentStatus, 'health' | 'error'>): { readonly look: Look; readonly text: string } {
  if (health === 'healthy') return { look: 'success', text: 'healthy' };
  if (error?.code === 'AGENT_PASSWORD_NEEDED') return { look: 'warning', text: 'needs a password' };
  return health === 'unreachable' ? { look: 'error', text: 'lost, no answer' } : { look: 'warning', text: 'refuses this server' };
}

/** What can be done with a task now. */
export function actionsOf(state: TaskState): readonly ('start' | 'stop' | 'resume' | 'delete')[] {
  if (state === 'created') return ['start', 'delete'];
  if (state === 'running') return ['stop'];
  if (state === 'stopped' || state === 'failed') return ['resume', 'delete'];
  return state === 'done' || state === 'deleting' ? ['delete'] : [];
}
