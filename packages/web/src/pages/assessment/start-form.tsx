import { useState } from 'react';
import type { AssessmentStatus } from '@aeneas/protocol';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { server } from '../../server.ts';
import { useForm } from '../../ui/form-state.ts';
import { ProblemAlert } from '../../ui/problem.tsx';

interface StartProps {
  readonly name: string;
  readonly status: AssessmentStatus;
  readonly isRunning: boolean;
  readonly put: (status: AssessmentStatus) => void;
}

/** What was typed stays, or else is what was asked last. */
export function StartForm({ name, status, isRunning, put }: StartProps) {
  const asked = status.run?.asked ?? status.report?.asked;
  const form = useForm(`assessment-${name}`, { queries: asked?.queries ?? '', sample: String(asked?.sampleMegabytes ?? 1024), seed: String(asked?.seed ?? 1) });
  const { queries, sample, seed } = form.values;
  const [isAsked, setAsked] = useState(false);
  const sampleError = wholeNumber(sample, 1) ? '' : 'Type a whole number of megabytes.';
  const seedError = wholeNumber(seed, 0) ? '' : 'Type a whole number.';
  const start = (): void => {
    setAsked(true);
    if (sampleError !== '' || seedError !== '') return;
    void form.send(async () => put(await server.assessment.start({ name, queries, sampleMegabytes: Number(sample), seed: Number(seed) })));
  };
  return (
    <form noValidate aria-label="Start an assessment" onSubmit={(event) => {
      event.preventDefault();
      start();
    }}>
      <SpaceBetween size="m">
        {form.problem === undefined ? null : <ProblemAlert title="The assessment was not started" problem={form.problem} />}
        <FormField label="CQL queries (optional)" description="SELECT statements of the application, with ? for values. For each the report tells the key or the global secondary index that answers it." stretch>
          <Textarea value={queries} rows={4} spellcheck={false} placeholder="SELECT * FROM shop.orders WHERE customer_id = ?;" onChange={({ detail }) => form.set({ queries: detail.value })} />
        </FormField>
        <ExpandableSection headerText="Sample" defaultExpanded={isAsked && (sampleError !== '' || seedError !== '')}>
          <SpaceBetween size="m" direction="horizontal">
            <FormField label="Megabytes of a table at most" description="Uncompressed. Tables up to 16 MB are read as a whole." errorText={isAsked ? sampleError : ''} i18nStrings={{ errorIconAriaLabel: 'Error' }}>
              <Input value={sample} inputMode="numeric" onChange={({ detail }) => form.set({ sample: detail.value })} />
            </FormField>
            <FormField label="Seed" description="The same seed samples the same parts." errorText={isAsked ? seedError : ''} i18nStrings={{ errorIconAriaLabel: 'Error' }}>
              <Input value={seed} inputMode="numeric" onChange={({ detail }) => form.set({ seed: detail.value })} />
            </FormField>
          </SpaceBetween>
        </ExpandableSection>
        <Button variant={status.report === undefined ? 'primary' : 'normal'} formAction="submit" disabled={isRunning} loading={form.isBusy} loadingText="Starting">{status.report === undefined ? 'Start' : 'Start again'}</Button>
      </SpaceBetween>
    </form>
  );
}

function wholeNumber(text: string, least: number): boolean {
  return /^\d{1,7}$/.test(text.trim()) && Number(text) >= least && Number(text) <= 1_048_576;
}
