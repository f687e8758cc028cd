// One task: how it is, what can be done with it, its tables, its agents, what happened.

import { useState } from 'react';
import type { TaskStatus } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { count, percent } from '../format.ts';
import { useLive } from '../live.ts';
import { go, TASKS, withQuery } from '../place.ts';
import type { Place } from '../place.ts';
import { problemOf } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { server } from '../server.ts';
import { AgentTable } from '../ui/agent-table.tsx';
import { Link } from '../ui/link.tsx';
import { ProblemAlert } from '../ui/problem.tsx';
import { useTitle } from '../ui/title.ts';
import { actionsOf, stateOf } from '../words.ts';
import { DeleteTask } from './delete-task.tsx';
import { TaskLog } from './task-log.tsx';
import { TaskSummaryBox } from './task-summary.tsx';
import { TaskTables } from './task-tables.tsx';

const TABS = ['tables', 'agents', 'log'];

export function TaskPage({ id, place }: { readonly id: string; readonly place: Place }) {
  const { task, overview } = useLive();
  const status = task?.id === id ? task.status : undefined;
  useTitle(status === undefined ? `Task ${id}` : `${status.name}: ${stateOf(status).text}, ${percent(status.totals.fraction)} %`);
  if (task?.id === id && task.problem !== undefined) return <Gone id={id} isDeleted={status !== undefined} problem={task.problem} />;
  if (status === undefined) return <output>Asking the server for task {id} ...</output>;
  const tab = TABS.find((one) => one === place.query.get('tab')) ?? 'tables';
  const agents = overview?.agents;
  const chosen = status.agents.length > 0 ? agents?.filter(({ name }) => status.agents.includes(name)) : agents;
  const openTab = (to: string): void => go(withQuery(place, { tab: to === 'tables' ? undefined : to, filter: undefined, sort: undefined, page: undefined, show: undefined }));
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to={TASKS}>All tasks</Link></nav>
      <TaskHeader status={status} />
      {status.failure === undefined ? null : <ProblemAlert title="The task ended with an error" problem={status.failure} />}
      <TaskSummaryBox status={status} />
      <Tabs
        ariaLabel="What is shown of the task"
        activeTabId={tab}
        onChange={({ detail }) => openTab(detail.activeTabId)}
        tabs={[
          { id: 'tables', label: `Tables (${count(status.tables.length)})`, content: <TaskTables status={status} place={place} /> },
          { id: 'agents', label: 'Agents', content: <AgentTable agents={chosen} place={place} header={<Header variant="h2">Agents that may work on it</Header>} /> },
          { id: 'log', label: 'Log', content: <TaskLog entries={task?.log ?? []} place={place} /> },
        ]}
      />
    </SpaceBetween>
  );
}

/** Name and actions. A refused action says why, until the next one. */
function TaskHeader({ status }: { readonly status: TaskStatus }) {
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState<string>();
  const [isDeleting, setDeleting] = useState(false);
  const { id, state } = status;
  const move = async (verb: 'start' | 'stop' | 'resume'): Promise<void> => {
    setBusy(verb);
    setProblem(undefined);
    try {
      await server.tasks[verb]({ id });
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(undefined);
  };
  const possible = actionsOf(state);
  const button = (verb: 'start' | 'stop' | 'resume', label: string) => (
    possible.includes(verb) || busy === verb ? <Button variant={verb === 'stop' ? 'normal' : 'primary'} loading={busy === verb} loadingText={`${label}: asked`} onClick={() => void move(verb)}>{label}</Button> : null
  );
  return (
    <>
      <Header
        variant="h1"
        description={<span className="breakable">{status.projectFile}; ledger, rejected rows and report in {status.workspace}</span>}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {button('start', 'Start')}
            {button('stop', 'Stop')}
            {button('resume', state === 'failed' ? 'Try again' : 'Resume')}
            <Button disabled={!possible.includes('delete')} disabledReason="Stop the task first." onClick={() => setDeleting(true)}>Delete</Button>
          </SpaceBetween>
        }
      >
        {status.name}
      </Header>
      {problem === undefined ? null : <ProblemAlert title="That was refused" problem={problem} onDismiss={() => setProblem(undefined)} />}
      {isDeleting ? <DeleteTask status={status} onClose={() => setDeleting(false)} /> : null}
    </>
  );
}

function Gone({ id, isDeleted, problem }: { readonly id: string; readonly isDeleted: boolean; readonly problem: Problem }) {
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to={TASKS}>All tasks</Link></nav>
      <Header variant="h1">{isDeleted ? 'This task was deleted' : 'There is no such task'}</Header>
      {isDeleted ? <Box>Task {id} is gone, with its staged files and its progress. Its tables in DynamoDB stay.</Box> : <Box>{problem.message}. It may have been deleted, or the address is wrong.</Box>}
    </SpaceBetween>
  );
}
