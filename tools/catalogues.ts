import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packagingErrors } from './packaging/errors.ts';
import { setupErrors } from './setup-errors.mjs';
import type { Catalogue, CatalogueEntry } from './tidy/catalogue.ts';

/** The catalogues of all packages (every exported `...Errors` of packages/<name>/src/errors.ts), of building packages, and of the set-up. */
export async function readCatalogues(root: string): Promise<Catalogue[]> {
  const catalogues: Catalogue[] = [];
  for (const owner of readdirSync(join(root, 'packages')).sort()) {
    const path = `packages/${owner}/src/errors.ts`;
    if (!existsSync(join(root, path))) continue;
    const module = (await import(join(root, path))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      if (name.endsWith('Errors') && typeof value === 'object') catalogues.push({ owner: name === 'extractorErrors' ? 'extractor' : owner, path, entries: value as Record<string, CatalogueEntry> });
    }
  }
  catalogues.push({ owner: 'packaging', path: 'tools/packaging/errors.ts', entries: packagingErrors });
  catalogues.push({ owner: 'setup', path: 'tools/setup-errors.mjs', entries: setupErrors });
  return catalogues;
}
