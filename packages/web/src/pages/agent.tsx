// One agent: its machine, its mounts, and what it sees of the source, as it told last.

import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { AgentDetail } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { bytes, count, duration, moment, plural } from '../format.ts';
import { AGENTS, go } from '../place.ts';
import { problemOf } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { server } from '../server.ts';
import { Link } from '../ui/link.tsx';
import { Notices } from '../ui/notices.tsx';
import { ProblemAlert } from '../ui/problem.tsx';
import { useTitle } from '../ui/title.ts';
import { healthOf } from '../words.ts';
import { EditAgent } from './edit-agent.tsx';
import { Unregister } from './unregister.tsx';

const ASK_MILLIS = 2_000;

interface Known {
  readonly agent?: AgentDetail;
  readonly problem?: Problem | undefined;
  readonly put: (agent: AgentDetail) => void;
}

type Machine = NonNullable<AgentDetail['machine']>;
type Mount = Machine['mounts'][number];
type FoundTable = NonNullable<Machine['source']>['shown'][number];

export function AgentPage({ name }: { readonly name: string }) {
  const { agent, problem, put } = useAgent(name);
  const [dialog, setDialog] = useState<'edit' | 'unregister'>();
  useTitle(`Agent ${name}${agent === undefined ? '' : `: ${healthOf(agent).text}`}`);
  const close = (): void => setDialog(undefined);
  const wayBack = <nav aria-label="Way back"><Link to={AGENTS}>All agents</Link></nav>;
  if (problem?.code === 'AGENT_UNKNOWN') {
    return (
      <SpaceBetween size="l">
        {wayBack}
        <Header variant="h1">{agent === undefined ? 'There is no such agent' : 'This agent was unregistered'}</Header>
        <div>{agent === undefined ? `No agent ${name} is registered. It may have been unregistered, or the address is wrong.` : `The server knows ${name} no more. The agent itself may still run, and can be registered again.`}</div>
      </SpaceBetween>
    );
  }
  return (
    <SpaceBetween size="l">
      {wayBack}
      <Header
        variant="h1"
        description={<span className="breakable">{agent === undefined ? '' : [agent.description, agent.url ?? 'within the server'].filter((text) => text !== undefined).join(' · ')}</span>}
        actions={agent?.url === undefined ? undefined : (
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => setDialog('edit')}>Edit</Button>
            <Button onClick={() => setDialog('unregister')}>Unregister</Button>
          </SpaceBetween>
        )}
      >
        {name}
      </Header>
      {/* A server that does not answer is told of above, for every page. */}
      {problem === undefined || problem.code === 'SERVER_UNREACHABLE' ? null : <ProblemAlert title="The agent cannot be shown" problem={problem} />}
      {agent === undefined ? problem === undefined ? <output>Asking the server for agent {name} ...</output> : null : <Shown agent={agent} />}
      {agent !== undefined && dialog === 'unregister' ? <Unregister agent={agent} onClose={close} onDone={() => go(AGENTS, 'replace')} /> : null}
      {agent !== undefined && dialog === 'edit' ? <EditAgent agent={agent} onClose={close} onSaved={(saved) => {
        put(saved);
        close();
      }} /> : null}
    </SpaceBetween>
  );
}

/** Asked for as often as the server asks the agent, while somebody looks. What was known stays when it cannot be asked for. */
function useAgent(name: string): Known {
  const [known, setKnown] = useState<Omit<Known, 'put'>>({});
  useEffect(() => {
    let isCurrent = true;
    const ask = async (): Promise<void> => {
      if (document.hidden) return;
      const news = await server.agents.get({ name }).then((agent) => ({ agent, problem: undefined }), (error: unknown) => ({ problem: problemOf(error) }));
      if (isCurrent) setKnown((before) => ({ ...before, ...news }));
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_MILLIS);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [name]);
  return { ...known, put: (agent) => setKnown({ agent }) };
}

function Shown({ agent }: { readonly agent: AgentDetail }) {
  const { machine, error, notices } = agent;
  return (
    <SpaceBetween size="l">
      {error === undefined ? null : <ProblemAlert title={healthOf(agent).text} problem={error} type="warning" />}
      {notices === undefined ? null : <Container header={<Header variant="h2">To be looked at</Header>}><Notices notices={notices} /></Container>}
      <Container header={<Header variant="h2">Agent</Header>}>
        <KeyValuePairs
          columns={4}
          items={[
            fact('Health', <StatusIndicator type={healthOf(agent).look}>{healthOf(agent).text}</StatusIndicator>),
            fact('Version', agent.version ?? '-'),
            fact('Jobs now', `${count(agent.runningJobs)} on ${plural(agent.workers, 'worker')}`),
            fact('May read', agent.readMegabytesPerSecond === undefined ? '-' : agent.readMegabytesPerSecond === null ? 'as fast as the disk' : `${agent.readMegabytesPerSecond} MB/s`),
            fact('Last seen', agent.lastSeenMillis === undefined ? 'never' : agent.health === 'healthy' ? 'now' : moment(agent.lastSeenMillis)),
            ...(agent.uptimeSeconds === undefined ? [] : [fact('Runs for', duration(agent.uptimeSeconds * 1000))]),
            ...(agent.agentMemoryBytes === undefined ? [] : [fact('Memory of the agent', bytes(agent.agentMemoryBytes))]),
          ]}
        />
      </Container>
      {machine === undefined ? null : <MachineBox machine={machine} freeDiskBytes={agent.freeDiskBytes ?? 0} />}
      {machine === undefined ? null : <Mounts mounts={machine.mounts} />}
      {machine === undefined ? null : <Source source={machine.source} />}
    </SpaceBetween>
  );
}

function MachineBox({ machine, freeDiskBytes }: { readonly machine: Machine; readonly freeDiskBytes: number }) {
  return (
    <Container header={<Header variant="h2">Machine</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          fact('Host', machine.hostName),
          fact('CPUs', `${count(machine.cores)}, load ${machine.load.toFixed(2)}`),
          fact('Memory', `${bytes(machine.freeMemoryBytes)} free of ${bytes(machine.totalMemoryBytes)}`),
          fact('Disk of the output folder', `${bytes(freeDiskBytes)} free of ${bytes(machine.diskBytes)}${machine.isPausedForDisk ? '; reading is paused' : ''}`),
          fact('Kept free', bytes(machine.diskReserveBytes)),
          fact('Certificate ends', moment(machine.certificateEndsMillis)),
        ]}
      />
    </Container>
  );
}

const MOUNT_LOOK = { mounted: 'success', missing: 'error', lost: 'error', unknown: 'pending' } as const;

const MOUNT_COLUMNS = [
  { id: 'node', header: 'Node', isRowHeader: true, cell: ({ node }: Mount) => node },
  { id: 'kind', header: 'What', cell: ({ kind }: Mount) => kind },
  { id: 'state', header: 'State', cell: ({ state }: Mount) => <StatusIndicator type={MOUNT_LOOK[state]}>{state}</StatusIndicator> },
  { id: 'since', header: 'Since', cell: ({ sinceMillis }: Mount) => moment(sinceMillis) },
  { id: 'remote', header: 'On the node', cell: ({ remote }: Mount) => <span className="breakable">{remote}</span> },
  { id: 'local', header: 'Here', cell: ({ local }: Mount) => <span className="breakable">{local}</span> },
];

function Mounts({ mounts }: { readonly mounts: Machine['mounts'] }) {
  return (
    <Table
      header={<Header variant="h2" counter={`(${count(mounts.length)})`}>Mounts</Header>}
      ariaLabels={{ tableLabel: 'Mounts' }}
      trackBy="local"
      wrapLines
      items={mounts}
      empty="It mounts nothing: directories are on its machine, or read over SFTP."
      columnDefinitions={MOUNT_COLUMNS}
    />
  );
}

const TABLE_COLUMNS = [
  { id: 'table', header: 'Table', isRowHeader: true, cell: ({ table }: FoundTable) => <span className="breakable">{table}</span> },
  { id: 'size', header: 'Size of its files', cell: ({ sizeBytes }: FoundTable) => <span className="digits">{bytes(sizeBytes)}</span> },
  { id: 'error', header: 'Cannot be read', cell: ({ error }: FoundTable) => (error === undefined ? '-' : <StatusIndicator type="error">{error}</StatusIndicator>) },
];

function Source({ source }: { readonly source: Machine['source'] }) {
  if (source === undefined) return <Container header={<Header variant="h2">Source</Header>}>Not looked at yet: that begins when all mounts are there, and is repeated every hour.</Container>;
  const { cassandraVersions, tables, sizeBytes, shown, atMillis } = source;
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${count(tables)})`} description={`Cassandra ${cassandraVersions.join(', ') || 'of unknown version'}; ${bytes(sizeBytes)} in all; as of ${moment(atMillis)}`}>Tables found</Header>
      }
      ariaLabels={{ tableLabel: 'Tables found' }}
      trackBy="table"
      items={shown}
      empty="No tables, besides those of the system."
      footer={shown.length < tables ? `The largest ${count(shown.length)} of ${count(tables)} are shown.` : undefined}
      columnDefinitions={TABLE_COLUMNS}
    />
  );
}

function fact(label: string, value: ReactNode) {
  return { label, value: <span className="digits">{value}</span> };
}
