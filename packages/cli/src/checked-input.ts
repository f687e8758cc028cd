import { cliError } from './errors.ts';

interface Schema<T> {
  readonly safeParse: (value: unknown) => { readonly success: true; readonly data: T } | { readonly success: false; readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] } };
}

/** What the contract takes, from options; those that were not given take its defaults. Throws USAGE. */
export function checkedInput<T>(schema: Schema<T>, values: Readonly<Record<string, unknown>>): T {
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const checked = schema.safeParse(given);
  if (checked.success) return checked.data;
  throw cliError('USAGE', checked.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; '));
}
