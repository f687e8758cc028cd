import type { PrerequisiteForm } from '@aeneas/protocol';
import { go, withQuery } from '../../place.ts';
import type { Place } from '../../place.ts';
import { ChoiceField } from '../../ui/choice-field.tsx';

export const formOf = ({ query }: Place): PrerequisiteForm => (query.get('form') === 'seed' ? 'seed' : 'least');

/** Kept in the address, for all tabs. */
export function FormChoice({ place, least, seed }: { readonly place: Place; readonly least: string; readonly seed: string }) {
  return (
    <ChoiceField
      label="Form" value={formOf(place)}
      items={[{ value: 'least', label: 'Least privilege (recommended)', description: least }, { value: 'seed', label: 'As in the AWS guide', description: seed }]}
      onChange={(form) => go(withQuery(place, { form: form === 'least' ? undefined : form }), 'replace')}
    />
  );
}
