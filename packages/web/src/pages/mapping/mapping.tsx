// The mapping rules of a project, in their order: later ones win.

import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ListedRule, MappingChange, MappingRules } from '@aeneas/protocol';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { count, plural } from '../../format.ts';
import { useOffer } from '../../menu-actions.ts';
import { server } from '../../server.ts';
import { useAction } from '../../ui/answer.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { followed, Link } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { useTitle } from '../../ui/title.ts';
import { useAsked } from '../projects/asked.ts';
import { projectPath, rulePath } from '../projects/paths.ts';
import { choicesText } from './rule-values.ts';

interface Row extends ListedRule { readonly index: number }

export function MappingPage({ name }: { readonly name: string }) {
  useTitle(`Mapping rules of ${name}`);
  const { value: mapping, problem, set, again } = useAsked(`mapping ${name}`, () => server.mapping.get({ name }));
  const action = useAction<MappingRules>();
  const [leaving, setLeaving] = useState<Row>();
  const [said, setSaid] = useState('');
  const add = rulePath(name);
  useOffer({ file: [], actions: [{ text: 'New mapping rule', to: add }] }, name);
  const change = async (what: MappingChange, words: string): Promise<void> => {
    const changed = await action.run(() => server.mapping.change({ name, version: mapping!.version, change: what }));
    if (changed === undefined) return;
    set(changed);
    setSaid(words);
    setLeaving(undefined);
  };
  const reload = async (): Promise<void> => {
    await again();
    action.clear();
    setLeaving(undefined);
  };
  const last = (mapping?.rules.length ?? 0) - 1;
  const refused = action.problem;
  const tables = ({ rule, index }: Row): ReactNode => <Link to={rulePath(name, index)}>{rule.table}</Link>;
  const buttons = (row: Row): ReactNode => {
    const { rule, index } = row;
    const move = (to: number): void => void change({ kind: 'move', index, to }, `Rule ${rule.table} is now number ${to + 1}.`);
    return (
      <SpaceBetween direction="horizontal" size="xxs">
        <Button variant="icon" iconName="angle-up" ariaLabel={`Move rule ${index + 1} up`} disabled={index === 0 || action.isBusy} onClick={() => move(index - 1)} />
        <Button variant="icon" iconName="angle-down" ariaLabel={`Move rule ${index + 1} down`} disabled={index === last || action.isBusy} onClick={() => move(index + 1)} />
        <Button variant="icon" iconName="edit" ariaLabel={`Edit rule ${index + 1}`} href={rulePath(name, index)} onFollow={(event) => followed(event, rulePath(name, index))} />
        <Button variant="icon" iconName="remove" ariaLabel={`Delete rule ${index + 1}`} onClick={() => {
          action.clear();
          setLeaving(row);
        }} />
      </SpaceBetween>
    );
  };
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to={projectPath(name)}>Project {name}</Link></nav>
      {problem === undefined ? null : <ProblemAlert title="The mapping rules cannot be shown" problem={problem} />}
      {mapping?.problem === undefined ? null : <ProblemAlert title="A migration would refuse these rules" problem={mapping.problem} type="warning" />}
      {refused === undefined || leaving !== undefined ? null : <ProblemAlert title="That was refused" problem={refused} />}
      {refused?.code === 'PROJECT_STALE' || refused?.code === 'MAPPING_RULE_UNKNOWN' ? <Button onClick={() => void reload()}>Load the rules again</Button> : null}
      <Table
        variant="full-page"
        header={
          <Header variant="h1" counter={`(${count(last + 1)})`} description={mapping === undefined ? '' : `All rules that match a table apply in this order; of two that set the same, the later one wins. Saved in ${mapping.path}`}
            actions={<Button variant="primary" href={add} onFollow={(event) => followed(event, add)}>New mapping rule</Button>}>Mapping rules</Header>
        }
        items={(mapping?.rules ?? []).map((rule, index): Row => ({ ...rule, index }))}
        trackBy={({ index }) => String(index)}
        loading={mapping === undefined && problem === undefined}
        loadingText="Asking the server"
        empty={<Box textAlign="center" padding="m">No rule yet: every table becomes a table of its own name, with the defaults of docs/MAPPING.md.</Box>}
        ariaLabels={{ tableLabel: 'Mapping rules' }}
        wrapLines
        columnDefinitions={[
          { id: 'number', header: '#', cell: ({ index }) => index + 1, width: 48 },
          { id: 'tables', header: 'Tables', isRowHeader: true, cell: tables, minWidth: 110 },
          { id: 'pair', header: 'Source and target', cell: pairText, minWidth: 120 },
          { id: 'matches', header: 'Matches', cell: matchesText, minWidth: 100 },
          { id: 'choices', header: 'Choices', cell: choices, minWidth: 150 },
          { id: 'do', header: 'Do', cell: buttons, minWidth: 150 },
        ]}
      />
      <output>{said}</output>
      {leaving === undefined ? null : (
        <ConfirmDialog title={`Delete the rule for ${leaving.rule.table}?`} verb="Delete" isBusy={action.isBusy} problem={refused} onConfirm={() => void change({ kind: 'remove', index: leaving.index }, `Rule ${leaving.rule.table} is deleted.`)} onClose={() => setLeaving(undefined)}>
          <Box>Its tables are mapped by the other rules and the defaults then. What was migrated already stays as it is.</Box>
        </ConfirmDialog>
      )}
    </SpaceBetween>
  );
}

function pairText({ rule: { source, datacenter, target } }: Row): string {
  return `${source ?? 'the source'}${datacenter === undefined ? '' : ` (${datacenter})`} → ${target ?? 'the target'}`;
}

function matchesText({ tables }: Row): string {
  return tables === undefined ? 'source not connected' : plural(tables, 'table');
}

function choices({ rule, problem }: Row): ReactNode {
  if (problem === undefined) return choicesText(rule);
  return <span className="breakable">{problem.message} ({problem.code}) <strong>What to do:</strong> {problem.remedy}</span>;
}
