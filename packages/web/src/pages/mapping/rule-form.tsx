// New mapping rule: a source-target pair and what becomes of its tables, with a preview of the rule as it is typed.

import { useState } from 'react';
import type { MappingRules, ProjectDetails } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { go, withQuery } from '../../place.ts';
import type { Place } from '../../place.ts';
import { server } from '../../server.ts';
import { useAction, useAnswer } from '../../ui/answer.ts';
import { useForm } from '../../ui/form-state.ts';
import { followed, Link } from '../../ui/link.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { useTitle } from '../../ui/title.ts';
import { useAsked } from '../projects/asked.ts';
import { mappingPath } from '../projects/paths.ts';
import { WithProject } from '../projects/with-project.tsx';
import { PairFields } from './pair-fields.tsx';
import { PlannedTableView } from './planned-table.tsx';
import { NEW_RULE, ruleOf, valuesOf } from './rule-values.ts';
import { RuleSections } from './rule-sections.tsx';
import { askMatches, askPreview } from './questions.ts';
import { SampleRows } from './sample-rows.tsx';

export function RulePage({ name, place }: { readonly name: string; readonly place: Place }) {
  const { value: mapping, problem, set } = useAsked(`mapping ${name}`, () => server.mapping.get({ name }));
  const edits = Number(place.query.get('edit') ?? '0') - 1;
  if (mapping === undefined) return problem === undefined ? <output>Asking the server for the mapping rules ...</output> : <ProblemAlert title="The mapping rules cannot be shown" problem={problem} />;
  return <WithProject name={name}>{(project) => <RuleForm key={edits} project={project} mapping={mapping} setMapping={set} edits={mapping.rules[edits] === undefined ? undefined : edits} place={place} />}</WithProject>;
}

interface RuleFormProps {
  readonly project: ProjectDetails;
  readonly mapping: MappingRules;
  readonly setMapping: (mapping: MappingRules) => void;
  /** Index of the rule that is edited; undefined: a new one. */
  readonly edits: number | undefined;
  readonly place: Place;
}

function RuleForm({ project, mapping, setMapping, edits, place }: RuleFormProps) {
  const { name } = project;
  const title = edits === undefined ? 'New mapping rule' : `Edit mapping rule ${edits + 1}`;
  useTitle(title);
  const [edited] = useState(() => (edits === undefined ? undefined : mapping.rules[edits]?.rule));
  // After somebody else's change: where the rule is now, if it still is.
  const [index, setIndex] = useState(edits);
  const form = useForm(`mapping-${name}-${edits ?? 'new'}`, edited === undefined ? { ...NEW_RULE, ...onlyOnes(project) } : valuesOf(edited));
  const [isTried, setTried] = useState(false);
  const { values, set } = form;
  const rule = ruleOf(values, edited);
  const source = values.source === '' ? onlyOnes(project).source : values.source;
  const matches = useAnswer({ name, source, table: rule.table, ...(values.datacenter === '' ? {} : { datacenter: values.datacenter }) }, askMatches);
  // What another source had is nothing to choose from.
  const { names = [] } = matches.problem === undefined ? matches.value ?? {} : {};
  const wanted = place.query.get('table');
  const table = wanted !== null && names.includes(wanted) ? wanted : names[0] ?? '';
  const question = { name, rule, table, ...(index === undefined ? {} : { index }) };
  const preview = useAnswer(question, askPreview);
  const isComplete = values.keyspace.trim() !== '' && values.table.trim() !== '';
  const back = mappingPath(name);
  const saving = useAction<MappingRules>();
  const save = async (): Promise<void> => {
    setTried(true);
    if (!isComplete) return;
    const saved = await saving.run(() => server.mapping.change({ name, version: mapping.version, change: index === undefined ? { kind: 'add', rule } : { kind: 'replace', index, rule } }));
    if (saved === undefined) return;
    form.forget();
    go(back, 'replace');
  };
  const reload = (): Promise<unknown> => saving.run(async () => {
    const newest = await server.mapping.get({ name });
    setMapping(newest);
    const at = newest.rules.findIndex((one) => JSON.stringify(one.rule) === JSON.stringify(edited));
    setIndex(at < 0 ? undefined : at);
    return newest;
  });
  const isGone = edited !== undefined && index === undefined;
  return (
    <SpaceBetween size="l">
      <nav aria-label="Way back"><Link to={back}>Mapping rules of {name}</Link></nav>
      <Header variant="h1" description="Which tables of the source become which tables of the target, and how. What is left empty is as earlier rules say, or as docs/MAPPING.md has it.">{title}</Header>
      <div className="rule-sides">
        <form noValidate onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}>
          <SpaceBetween size="l">
            <PairFields project={project} values={values} set={set} matches={matches} isTried={isTried} />
            <RuleSections values={values} set={set} columns={preview.value?.columns ?? []} table={table} />
            {isGone ? <output>The rule that you edit was changed or removed meanwhile. What is typed here will be added as a rule of its own.</output> : null}
            {saving.problem === undefined ? null : <ProblemAlert title="The rule was not saved" problem={saving.problem} />}
            {saving.problem?.code === 'PROJECT_STALE' ? <Button formAction="none" onClick={() => void reload()}>Load the rules again, keep what is typed</Button> : null}
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" href={back} onFollow={(event) => followed(event, back)}>Cancel</Button>
              <Button formAction="none" onClick={form.clear}>Discard changes</Button>
              <Button variant="primary" loading={saving.isBusy} loadingText="Saving">Save rule</Button>
            </SpaceBetween>
          </SpaceBetween>
        </form>
        <section aria-label="Preview">
          <Container header={<Header variant="h2" description="Of the rule as it stands here, saved or not.">Preview</Header>}>
            <SpaceBetween size="l">
              <PlannedTableView preview={preview} names={names} table={table} onTable={(next) => go(withQuery(place, { table: next }), 'replace')} />
              {table === '' ? null : <SampleRows question={question} />}
            </SpaceBetween>
          </Container>
        </section>
      </div>
    </SpaceBetween>
  );
}

/** Where there is one, it is meant. */
function onlyOnes({ sources, targets }: ProjectDetails): { readonly source: string; readonly target: string } {
  return { source: sources.length === 1 ? sources[0]!.connection.name : '', target: targets.length === 1 ? targets[0]!.connection.name : '' };
}
