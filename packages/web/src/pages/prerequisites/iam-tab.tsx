import type { IamDocuments } from '@aeneas/protocol';
import Checkbox from '@cloudscape-design/components/checkbox';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Place } from '../../place.ts';
import { server } from '../../server.ts';
import { useAction, useAnswer } from '../../ui/answer.ts';
import { useForm } from '../../ui/form-state.ts';
import { ProblemAlert } from '../../ui/problem.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { FormChoice, formOf } from './form-choice.tsx';
import { IamAccount } from './iam-account.tsx';
import { IamDocumentsBox } from './iam-documents.tsx';
import { namesIn } from './names-in.ts';

const EMPTY = { projectFile: '', name: 'aeneas', region: '', account: '', tables: '', bucket: '', prefix: '', kmsKey: '', dropTables: '', attachDms: '' };
type Values = typeof EMPTY;
export type IamQuestion = ReturnType<typeof questionOf>;

/** What the server takes; texts that are empty say nothing. */
function questionOf(values: Values, form: 'least' | 'seed') {
  const texts = Object.fromEntries((['name', 'account', 'bucket', 'prefix', 'kmsKey'] as const).map((key) => [key, values[key].trim()] as const).filter(([, value]) => value !== ''));
  const tables = namesIn(values.tables);
  return { ...texts, form, region: values.region.trim(), ...(tables.length === 0 ? {} : { tables }), dropTables: values.dropTables !== '', ...(form === 'least' ? { attachDms: values.attachDms !== '' } : {}) };
}

export function IamTab({ place }: { readonly place: Place }) {
  const form = useForm('prerequisites-iam', EMPTY);
  const { values } = form;
  const chosen = formOf(place);
  const question = questionOf(values, chosen);
  const isComplete = question.region !== '' && (chosen === 'seed' || (values.bucket.trim() !== '' && values.tables.trim() !== ''));
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" description="Three policies, for DynamoDB, S3 and AWS DMS, and a role that AWS DMS assumes.">What it is for</Header>}>
        <SpaceBetween size="l">
          <FormChoice place={place} least="No more than this project's tables, bucket and role." seed="Word for word: all of DynamoDB, all buckets, all of DMS." />
          <FromProject projectFile={values.projectFile} onType={(projectFile) => form.set({ projectFile })} onTaken={form.set} />
          <TextField label="Region" description="Of the tables." placeholder="eu-central-1" value={values.region} onChange={(region) => form.set({ region })} />
          <TextField label="DynamoDB tables" description="Names, with * for any characters; separated by spaces." placeholder="shop.* customers" value={values.tables} onChange={(tables) => form.set({ tables })} />
          <TextField label="S3 bucket" description="Where files are staged." placeholder="my-staging" value={values.bucket} onChange={(bucket) => form.set({ bucket })} />
          <TextField label="Prefix (optional)" description="Objects of the project are under it." value={values.prefix} onChange={(prefix) => form.set({ prefix })} />
          <TextField label="KMS key (optional)" description="ARN of the key that the bucket is encrypted with." value={values.kmsKey} onChange={(kmsKey) => form.set({ kmsKey })} />
          <TextField label="Account (optional)" description="12 digits. Without it: the account in which it is deployed." value={values.account} onChange={(account) => form.set({ account })} />
          <TextField label="Name" description="What the names of policies and role begin with." value={values.name} onChange={(name) => form.set({ name })} />
          <Checkbox checked={values.dropTables !== ''} onChange={({ detail }) => form.set({ dropTables: detail.checked ? 'yes' : '' })} description="For the target table preparation mode &quot;Drop tables on target&quot;.">Tables may be dropped</Checkbox>
          {chosen === 'seed' ? null : (
            <Checkbox checked={values.attachDms !== ''} onChange={({ detail }) => form.set({ attachDms: detail.checked ? 'yes' : '' })} description="As the guide does. DMS itself does not need it: it is for whoever runs Aeneas.">Attach the third policy to the role too</Checkbox>
          )}
        </SpaceBetween>
      </Container>
      {isComplete ? <Answered question={question} place={place} /> : <output>{chosen === 'seed' ? 'Type a region, and the documents are here.' : 'Type region, tables and bucket, and the documents are here.'}</output>}
    </SpaceBetween>
  );
}

const askDocuments = (question: IamQuestion): Promise<IamDocuments> => server.prerequisites.iam.documents(question);

function Answered({ question, place }: { readonly question: IamQuestion; readonly place: Place }) {
  const { value, problem } = useAnswer(question, askDocuments);
  return (
    <SpaceBetween size="l">
      {problem === undefined ? null : <ProblemAlert title="There are no documents for this" problem={problem} />}
      {value === undefined ? null : <IamDocumentsBox documents={value} place={place} />}
      <IamAccount question={question} />
    </SpaceBetween>
  );
}

function FromProject({ projectFile, onType, onTaken }: { readonly projectFile: string; readonly onType: (path: string) => void; readonly onTaken: (values: Partial<Values>) => void }) {
  const taking = useAction<void>();
  const take = (): void => void taking.run(async () => {
    const { region, tables, bucket = '', prefix, kmsKey = '', dropTables } = await server.prerequisites.iam.scope({ projectFile: projectFile.trim() });
    onTaken({ region, tables: tables.join(' '), bucket, prefix, kmsKey, dropTables: dropTables ? 'yes' : '' });
  });
  return (
    <SpaceBetween size="xs">
      <TextField label="Project file (optional)" description="Its absolute path on the server's machine: region, tables, bucket and prefix are taken from it." placeholder="/srv/migrations/shop.yaml" value={projectFile} onChange={onType} />
      <Button disabled={projectFile.trim() === ''} loading={taking.isBusy} loadingText="The server reads the project" onClick={take}>Take over</Button>
      {taking.problem === undefined ? null : <ProblemAlert title="The project could not be read" problem={taking.problem} />}
    </SpaceBetween>
  );
}
