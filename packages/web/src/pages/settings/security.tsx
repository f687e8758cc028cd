import { useState } from 'react';
import type { SecurityStatus, StoreFile } from '@aeneas/protocol';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import CloudscapeLink from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { day } from '../../format.ts';
import type { Place } from '../../place.ts';
import { server } from '../../server.ts';
import { followed } from '../../ui/link.tsx';
import { useLoaded } from '../../ui/loaded.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { GenerateStores } from './generate-stores.tsx';
import { SelectStores } from './select-stores.tsx';

const DAY_MILLIS = 86_400_000;
const SOON_DAYS = 30;
const GENERATE = '/settings?tab=security&do=generate';
const SELECT = '/settings?tab=security&do=select';

const PLACES: Readonly<Record<StoreFile['use'], string>> = {
  authority: 'Never leaves this machine: it signs further agents. Keep a copy in a safe place.',
  trust: 'To the server and to every agent. Certificates only.',
  server: 'Never leaves this machine: the server\'s own key.',
  agent: 'To this agent\'s machine alone.',
};

const COLUMNS = [
  { id: 'name', header: 'File', isRowHeader: true, minWidth: 150, cell: ({ name }: StoreFile) => name },
  { id: 'place', header: 'Where it belongs', minWidth: 240, cell: ({ use }: StoreFile) => PLACES[use] },
  { id: 'hosts', header: 'Host names and addresses', minWidth: 180, cell: ({ hosts }: StoreFile) => <span className="breakable">{hosts.length === 0 ? '-' : hosts.join(', ')}</span> },
  { id: 'expiry', header: 'Valid', minWidth: 180, cell: ({ expiresMillis }: StoreFile) => <Expiry millis={expiresMillis} /> },
  { id: 'download', header: 'Download', minWidth: 130, cell: ({ name, use }: StoreFile) => (use === 'trust' || use === 'agent' ? <CloudscapeLink href={`/api/settings/security/files/${encodeURIComponent(name)}`} ariaLabel={`Download ${name}`}>Download</CloudscapeLink> : 'Stays here') },
];

const loadSecurity = () => server.settings.security.get();

/** `&do=generate`, `&do=select`: the two ways to have stores. */
export function SecurityTab({ place }: { readonly place: Place }) {
  const { value, problem, reload, put } = useLoaded(loadSecurity);
  if (problem !== undefined) return <ProblemAlert title="The settings could not be read" problem={problem} />;
  if (value === undefined) return <output>Asking the server ...</output>;
  const how = place.query.get('do');
  if (how === 'generate') return <GenerateStores key={value.revision} status={value} onSaved={put} onReload={reload} />;
  if (how === 'select') return <SelectStores key={value.revision} status={value} onSaved={put} onReload={reload} />;
  return <Stores status={value} />;
}

function Stores({ status: { stores, passwords } }: { readonly status: SecurityStatus }) {
  return (
    <SpaceBetween size="l">
      <Container header={
        <Header variant="h2" description="Server and agents show each other certificates of one authority (mutual TLS)." actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button href={SELECT} onFollow={(event) => followed(event, SELECT)}>Select existing Trust and Key Store</Button>
            <Button variant="primary" href={GENERATE} onFollow={(event) => followed(event, GENERATE)}>{stores?.kind === 'generated' ? 'Add agents or renew' : 'Generate Trust and Key Store'}</Button>
          </SpaceBetween>
        }>Trust and key store</Header>
      }>
        <SpaceBetween size="s">
          {stores === undefined ? <StatusIndicator type="stopped">No stores yet</StatusIndicator> : null}
          {stores?.kind === 'generated' ? <div className="breakable">Generated, in {stores.folder}</div> : null}
          {stores?.kind === 'selected' ? <div className="breakable">Trust store: {stores.trustStore}. <Expiry millis={stores.trustExpiresMillis} /></div> : null}
          {stores?.kind === 'selected' ? <div className="breakable">Key store: {stores.keyStore}. <Expiry millis={stores.keyExpiresMillis} /></div> : null}
          {stores === undefined ? null : <div>Passwords: {passwords === 'vault' ? 'in the vault' : passwords === 'memory' ? 'in memory until the server ends' : 'not known now; open the vault, or type them again'}.</div>}
        </SpaceBetween>
      </Container>
      {stores?.kind === 'generated' ? <Files folder={stores.folder} trustStore={stores.trustStore} files={stores.files} /> : null}
    </SpaceBetween>
  );
}

function Files({ folder, trustStore, files }: { readonly folder: string; readonly trustStore: string; readonly files: readonly StoreFile[] }) {
  const agents = files.filter(({ use }) => use === 'agent');
  return (
    <SpaceBetween size="l">
      <Table
        trackBy="name"
        wrapLines
        items={files}
        columnDefinitions={COLUMNS}
        header={<Header variant="h2" counter={`(${files.length})`}>Files</Header>}
        ariaLabels={{ tableLabel: 'Files of the stores' }}
      />
      {agents.length === 0 ? <Alert type="info" header="No agent yet" statusIconAriaLabel="Info">Each agent needs a key store of its own: add its name, host names and addresses.</Alert> : (
        <Container header={<Header variant="h2" description="From this server's machine; or download the two files of an agent and bring them there.">Bring them to the agents</Header>}>
          <SpaceBetween size="xs">
            {agents.map(({ name, hosts }) => <Box key={name} variant="code"><span className="breakable">scp {folder}/{trustStore} {folder}/{name} {scpHost(hosts[0] ?? 'HOST')}:</span></Box>)}
          </SpaceBetween>
        </Container>
      )}
    </SpaceBetween>
  );
}

/** An IPv6 address is in brackets, so that its colons do not end the host. */
function scpHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function Expiry({ millis }: { readonly millis: number }) {
  const [nowMillis] = useState(Date.now);
  const days = Math.floor((millis - nowMillis) / DAY_MILLIS);
  if (days < 0) return <StatusIndicator type="error">Expired on {day(millis)}: renew it</StatusIndicator>;
  if (days < SOON_DAYS) return <StatusIndicator type="warning">Until {day(millis)}: renew it soon</StatusIndicator>;
  return <span>Until {day(millis)}</span>;
}
