export declare const setupErrors: Readonly<Record<string, { readonly cause: string; readonly remedy: string }>>;
