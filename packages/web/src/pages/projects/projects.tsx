// All projects.

import type { ProjectSummary } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { count, moment } from '../../format.ts';
import { useOffer } from '../../menu-actions.ts';
import type { Place } from '../../place.ts';
import { server } from '../../server.ts';
import { followed, Link } from '../../ui/link.tsx';
import { listing, listingProps } from '../../ui/listing.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { Refusal } from '../../ui/refusal.tsx';
import { useTitle } from '../../ui/title.ts';
import { useAsked } from './asked.ts';
import { projectPath } from './paths.ts';

const FIELDS = [{ id: 'name', of: ({ name }: ProjectSummary) => name }, { id: 'modified', of: ({ modifiedMillis }: ProjectSummary) => modifiedMillis }];

const COLUMNS = [
  { id: 'name', header: 'Project', sortingField: 'name', isRowHeader: true, cell: ({ name }: ProjectSummary) => <Link to={projectPath(name)}>{name}</Link> },
  { id: 'connections', header: 'Sources and targets', minWidth: 170, cell: ({ sources, targets, problem }: ProjectSummary) => (problem === undefined ? <span className="digits">{count(sources)} and {count(targets)}</span> : <Refusal error={problem} isFinal />) },
  { id: 'path', header: 'File', minWidth: 260, cell: ({ path }: ProjectSummary) => <span className="breakable">{path}</span> },
  { id: 'modified', header: 'Changed', sortingField: 'modified', minWidth: 150, cell: ({ modifiedMillis }: ProjectSummary) => (modifiedMillis === 0 ? '-' : moment(modifiedMillis)) },
];

export function ProjectsPage({ place }: { readonly place: Place }) {
  useTitle('Projects');
  useOffer({ file: [], actions: [] }, 'projects');
  const { value: all, problem } = useAsked('projects', () => server.projects.list());
  const found = listing(all ?? [], place, ({ name, path }) => `${name} ${path}`, FIELDS);
  const props = listingProps(found, place);
  const button = (text: string, to: string, variant?: 'primary') => <Button {...(variant === undefined ? {} : { variant })} href={to} onFollow={(event) => followed(event, to)}>{text}</Button>;
  return (
    <SpaceBetween size="l">
      {problem === undefined ? null : <ProblemAlert title="The projects cannot be shown" problem={problem} />}
      <Table
        {...props.table}
        trackBy="name"
        wrapLines
        items={found.items}
        columnDefinitions={COLUMNS}
        loading={all === undefined && problem === undefined}
        loadingText="Asking the server"
        header={<Header variant="h1" counter={`(${count(all?.length ?? 0)})`} actions={<SpaceBetween direction="horizontal" size="xs">{button('Open', '/open-project')}{button('Import', '/import-project')}{button('New project', '/new-project', 'primary')}</SpaceBetween>}>Projects</Header>}
        filter={<TextFilter {...props.filter} filteringAriaLabel="Filter projects" filteringPlaceholder="Name or file" filteringClearAriaLabel="Clear the filter" />}
        empty={<Box textAlign="center" padding="l">{found.filter === '' ? 'No project yet. A project has a source, Apache Cassandra, and a target, Amazon DynamoDB.' : 'No project has these words.'}</Box>}
        ariaLabels={{ tableLabel: 'Projects' }}
      />
    </SpaceBetween>
  );
}
