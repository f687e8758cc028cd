import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';

interface SecretFieldProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly error?: string | undefined;
  /** For a password that the browser may know. */
  readonly isKnown?: boolean;
  readonly onChange: (value: string) => void;
}

/** What is typed is not shown, and kept nowhere but in the page's memory until it is sent. */
export function SecretField({ label, description = '', value, placeholder = '', error = '', isKnown = false, onChange }: SecretFieldProps) {
  return (
    <FormField label={label} description={description} errorText={error} i18nStrings={{ errorIconAriaLabel: 'Error' }}>
      <Input type="password" value={value} placeholder={placeholder} spellcheck={false} autoComplete={isKnown ? 'current-password' : 'new-password'} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
