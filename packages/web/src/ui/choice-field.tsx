import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly items: readonly { readonly value: T; readonly label: string; readonly description?: string }[];
  readonly onChange: (value: T) => void;
}

export function ChoiceField<T extends string>({ label, value, items, onChange }: ChoiceProps<T>) {
  return (
    <FormField label={label}>
      <RadioGroup value={value} ariaLabel={label} items={[...items]} onChange={({ detail }) => onChange(detail.value as T)} />
    </FormField>
  );
}
