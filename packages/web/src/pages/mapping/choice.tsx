import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';

interface ChoiceProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly description?: string }[];
  readonly isLong?: boolean;
  readonly onChange: (value: string) => void;
}

/** One of a few values; one that is not among them is shown as it is. */
export function Choice({ label, description = '', value, options, isLong = false, onChange }: ChoiceProps) {
  const shown = options.some((option) => option.value === value) ? options : [...options, { value, label: value }];
  return (
    <FormField label={label} description={description}>
      <Select selectedOption={shown.find((option) => option.value === value)!} options={[...shown]} selectedAriaLabel="Selected" filteringType={isLong ? 'auto' : 'none'} virtualScroll={isLong} filteringAriaLabel={`Search ${label.toLowerCase()}`}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')} />
    </FormField>
  );
}
