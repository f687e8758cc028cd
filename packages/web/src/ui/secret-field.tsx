import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';

/** A password for one question: kept nowhere, not even over a reload. */
export function SecretField({ label, description, value, onChange }: { readonly label: string; readonly description: string; readonly value: string; readonly onChange: (value: string) => void }) {
  return (
    <FormField label={label} description={description}>
      <Input type="password" value={value} autoComplete="off" onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
