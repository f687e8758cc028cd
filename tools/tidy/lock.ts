// npm ci refuses a package-lock.json that lacks an optional package, even one for a platform that is not ours. npm install leaves such
// packages out when the registry that it asks does not have them.

import type { Problem } from './source-file.ts';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function lockProblems(text: string): Problem[] {
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockedPackage>> };
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined)
      .map((name) => ({ path: 'package-lock.json', line: 0, what: `lacks ${name}, an optional dependency of ${path}: npm ci will refuse it` })));
}
