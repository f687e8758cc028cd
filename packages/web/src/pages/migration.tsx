// View > Data migration view: the tasks of this server, and the agents that work on them.

import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { AGENTS, go, TASKS } from '../place.ts';
import type { Place } from '../place.ts';
import { useTitle } from '../ui/title.ts';
import { AgentsTab } from './agents.tsx';
import { TasksTab } from './tasks.tsx';

/** `?tab=agents`; tasks without it. */
export function MigrationPage({ place }: { readonly place: Place }) {
  const tab = place.query.get('tab') === 'agents' ? 'agents' : 'tasks';
  useTitle(tab === 'agents' ? 'Agents' : 'Tasks');
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Data migration view</Header>
      <Tabs
        ariaLabel="Data migration view"
        activeTabId={tab}
        onChange={({ detail }) => go(detail.activeTabId === 'agents' ? AGENTS : TASKS)}
        tabs={[
          { id: 'agents', label: 'Agents', content: <AgentsTab place={place} /> },
          { id: 'tasks', label: 'Tasks', content: <TasksTab place={place} /> },
        ]}
      />
    </SpaceBetween>
  );
}
