import type { ReactNode } from 'react';
import type { AgentStatus } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { count, moment, plural } from '../format.ts';
import { agentPath } from '../place.ts';
import type { Place } from '../place.ts';
import { healthOf } from '../words.ts';
import { Link } from './link.tsx';
import { listing, listingProps } from './listing.ts';
import { Notices } from './notices.tsx';
import { Refusal } from './refusal.tsx';

const FIELDS = [
  { id: 'name', of: (agent: AgentStatus) => agent.name },
  { id: 'health', of: (agent: AgentStatus) => agent.health },
];

const COLUMNS = [
  { id: 'name', header: 'Agent', sortingField: 'name', isRowHeader: true, cell: ({ name }: AgentStatus) => <Link to={agentPath(name)}>{name}</Link> },
  { id: 'description', header: 'Description', minWidth: 160, cell: ({ description = '-' }: AgentStatus) => <span className="breakable">{description}</span> },
  { id: 'health', header: 'Health', sortingField: 'health', minWidth: 190, cell: (agent: AgentStatus) => <StatusIndicator type={healthOf(agent).look}>{healthOf(agent).text}</StatusIndicator> },
  { id: 'jobs', header: 'Jobs now', minWidth: 120, cell: ({ runningJobs, workers }: AgentStatus) => <span className="digits">{count(runningJobs)} on {plural(workers, 'worker')}</span> },
  { id: 'seen', header: 'Last seen', minWidth: 130, cell: ({ health, lastSeenMillis }: AgentStatus) => (lastSeenMillis === undefined ? 'never' : health === 'healthy' ? 'now' : moment(lastSeenMillis)) },
  { id: 'address', header: 'Address', minWidth: 230, cell: ({ url }: AgentStatus) => <span className="breakable">{url ?? 'within the server'}</span> },
  { id: 'version', header: 'Version', cell: ({ version }: AgentStatus) => version ?? '-' },
  { id: 'error', header: 'To be looked at', minWidth: 280, cell: ({ error, notices }: AgentStatus) => (error === undefined ? <Notices notices={notices} /> : <Refusal error={error} isFinal={false} />) },
];

interface AgentTableProps {
  /** None: they are not known yet. */
  readonly agents: readonly AgentStatus[] | undefined;
  readonly place: Place;
  readonly header: ReactNode;
  readonly onUnregister?: (agent: AgentStatus) => void;
}

/** Agents with their health, sorted as the URL says. */
export function AgentTable({ agents, place, header, onUnregister }: AgentTableProps) {
  const found = listing(agents ?? [], { ...place, query: without(place.query) }, ({ name }) => name, FIELDS);
  const unregister = (agent: AgentStatus): ReactNode => (
    agent.url === undefined ? '-' : <Button variant="inline-link" ariaLabel={`Unregister ${agent.name}`} onClick={() => onUnregister?.(agent)}>Unregister</Button>
  );
  const columns = onUnregister === undefined ? COLUMNS : [...COLUMNS, { id: 'action', header: 'Action', minWidth: 140, cell: unregister }];
  return (
    <Table
      {...listingProps(found, place).table}
      trackBy="name"
      wrapLines
      items={found.items}
      columnDefinitions={columns}
      loading={agents === undefined}
      loadingText="Asking the server"
      header={header}
      empty="No agent."
      ariaLabels={{ tableLabel: 'Agents' }}
    />
  );
}

/** Agents are few: they are sorted, but neither filtered nor cut into pages. */
function without(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams({ sort: query.get('sort') ?? '' });
}
