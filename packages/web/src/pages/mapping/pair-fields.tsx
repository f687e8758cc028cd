// The pair of a rule: which tables of which source, and where they go. The count follows as it is typed.

import type { MappingMatches, ProjectDetails } from '@aeneas/protocol';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { count } from '../../format.ts';
import type { Problem } from '../../problem.ts';
import { Link } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { projectPath } from '../projects/paths.ts';
import { Choice } from './choice.tsx';
import type { RuleValues } from './rule-values.ts';

interface PairProps {
  readonly project: ProjectDetails;
  readonly values: RuleValues;
  readonly set: (changes: Partial<RuleValues>) => void;
  readonly matches: { readonly value?: MappingMatches | undefined; readonly problem?: Problem };
  readonly isTried: boolean;
}

export function PairFields({ project, values, set, matches, isTried }: PairProps) {
  const names = (side: 'sources' | 'targets'): { value: string; label: string }[] => [
    { value: '', label: project[side].length === 0 ? `The project has no ${side === 'sources' ? 'source' : 'target'} yet` : `The ${side === 'sources' ? 'source' : 'target'} of the project` },
    ...project[side].map(({ connection }) => ({ value: connection.name, label: connection.name })),
  ];
  const isLive = project.sources.some(({ connection }) => connection.name === values.source && connection.kind === 'cassandra');
  const missing = (value: string): string | undefined => (isTried && value.trim() === '' ? 'This is needed.' : undefined);
  return (
    <Container header={<Header variant="h2">Source and target</Header>}>
      <SpaceBetween size="m">
        <div className="two">
          <Choice label="Source" value={values.source} options={names('sources')} onChange={(source) => set({ source, datacenter: '' })} />
          <Choice label="Target" value={values.target} options={names('targets')} onChange={(target) => set({ target })} />
        </div>
        {isLive ? (
          <Choice label="Datacenter" description="Tables whose keyspace has replicas there. A migration holds to it once the project says under “source” of which datacenter its files are." value={values.datacenter}
            options={[{ value: '', label: 'Any' }, ...(matches.value?.datacenters ?? [values.datacenter].filter((one) => one !== '')).map((name) => ({ value: name, label: name }))]} onChange={(datacenter) => set({ datacenter })} />
        ) : null}
        <div className="two">
          <TextField label="Keyspace" description="* stands for any characters, ? for one." placeholder="shop" value={values.keyspace} error={missing(values.keyspace)} onChange={(keyspace) => set({ keyspace })} />
          <TextField label="Table" description="Likewise; * for all." placeholder="*" value={values.table} error={missing(values.table)} onChange={(table) => set({ table })} />
        </div>
        <Matches project={project.name} source={values.source} matches={matches} />
        <TextField label="Name of the target table" description="A template with {keyspace} and {table}, such as prod-{keyspace}.{table}. Empty: {keyspace}.{table}." placeholder="{keyspace}.{table}" value={values.name} onChange={(name) => set({ name })} />
      </SpaceBetween>
    </Container>
  );
}

const SHOWN_NAMES = 100;

function Matches({ project, source, matches: { value, problem } }: { readonly project: string; readonly source: string; readonly matches: PairProps['matches'] }) {
  if (problem !== undefined) {
    return (
      <SpaceBetween size="xs">
        <ProblemAlert title="What matches is not known" problem={problem} type="warning" />
        {/^CONNECTION_(?:CLOSED|SECRET_NEEDED)$/.test(problem.code) ? <Link to={`${projectPath(project)}?connect=sources.${encodeURIComponent(source)}`}>Connect {source}</Link> : null}
      </SpaceBetween>
    );
  }
  if (value === undefined) return <output>{source === '' ? 'Choose a source to see what matches.' : 'Counting ...'}</output>;
  const { matching, tables, names, leftOut } = value;
  const shown = names.slice(0, SHOWN_NAMES);
  const rest = matching - shown.length;
  return (
    <div>
      <output aria-live="polite"><strong>Matches {count(matching)} of {count(tables)} tables</strong>{leftOut === 0 ? '' : `; ${count(leftOut)} of them are left out by the project's “tables”`}</output>
      {matching === 0 ? null : (
        <ExpandableSection headerText="Names" defaultExpanded={matching <= 5}>
          <div className="breakable">{shown.join(', ')}{rest > 0 ? ` and ${count(rest)} more` : ''}</div>
        </ExpandableSection>
      )}
    </div>
  );
}
