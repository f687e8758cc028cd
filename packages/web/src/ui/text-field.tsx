import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';

interface TextFieldProps {
  readonly label: string;
  readonly description: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly error?: string | undefined;
  readonly onChange: (value: string) => void;
}

export function TextField({ label, description, value, placeholder = '', error = '', onChange }: TextFieldProps) {
  return (
    <FormField label={label} description={description} errorText={error} i18nStrings={{ errorIconAriaLabel: 'Error' }}>
      <Input value={value} placeholder={placeholder} spellcheck={false} autoComplete={false} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
