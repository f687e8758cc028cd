import Checkbox from '@cloudscape-design/components/checkbox';

/** Off until the user wants it: what is not stored is asked for again after the server's next start. */
export function StoreChoice({ what, isChecked, onChange }: { readonly what: string; readonly isChecked: boolean; readonly onChange: (isChecked: boolean) => void }) {
  return (
    <Checkbox checked={isChecked} description="In the vault, encrypted. Otherwise the server keeps it in memory until it ends, and it has to be typed again." onChange={({ detail }) => onChange(detail.checked)}>
      Store {what}
    </Checkbox>
  );
}
