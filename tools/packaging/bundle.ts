// The agent's own code as a few plain JavaScript files beside two native codecs, instead of a tree of packages and sources.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

/** Packages with a native codec: the file that looks for it on every platform there is, and what it shall load instead. */
const CODECS = [
  { loader: /[\\/]lz4-napi[\\/]index\.js$/, codec: 'lz4.node' },
  { loader: /[\\/]snappy[\\/]index\.js$/, codec: 'snappy.node' },
];

/** What packages in the older format expect to have. */
const COMMONJS = `import { createRequire as makeRequire } from 'node:module';
const require = makeRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;`;

/** The packages that the codecs come in, for an architecture, and the names that the bundle loads them by. */
export function codecPackages(arch: string): readonly { readonly name: string; readonly codec: string }[] {
  return [
    { name: `@antoniomuso/lz4-napi-linux-${arch}-gnu`, codec: 'lz4.node' },
    { name: `@napi-rs/snappy-linux-${arch}-gnu`, codec: 'snappy.node' },
  ];
}

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Of its licence file, if it has one. */
  readonly licenseText: string;
}

/** Writes main.js, the threads' worker-start.js and what they share into `outdir`; the packages that are in it, by name. */
export async function bundleAgent(root: string, version: string, outdir: string): Promise<BundledPackage[]> {
  const source = join(root, 'packages/agent/src');
  const { metafile } = await build({
    // worker-start.js stays beside what starts it: chunks are in the same folder.
    entryPoints: { main: join(source, 'extractor/main.ts'), 'worker-start': join(source, 'worker-start.js') },
    // The AWS SDK as modules: of packages in the older format, import() in a split bundle gives nothing but `default`.
    mainFields: ['module', 'main'],
    outdir, bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node24', absWorkingDir: root, metafile: true, logLevel: 'warning',
    // Not minified: an uncaught error prints the line that it is in.
    chunkNames: '[name]-[hash]', legalComments: 'none', external: ['*.node'],
    banner: { js: COMMONJS },
    plugins: [codecs, manifestOf(version)],
  });
  return packagesOf(root, Object.keys(metafile.inputs));
}

const codecs: Plugin = {
  name: 'codecs',
  setup(building) {
    for (const { loader, codec } of CODECS) {
      building.onLoad({ filter: loader }, () => ({ contents: `module.exports = require('./${codec}');`, loader: 'js' }));
    }
  },
};

function manifestOf(version: string): Plugin {
  return {
    name: 'manifest',
    setup(building) {
      building.onLoad({ filter: /packages[\\/]agent[\\/]package\.json$/ }, () => ({ contents: JSON.stringify({ version }), loader: 'json' }));
    },
  };
}

function packagesOf(root: string, inputs: readonly string[]): BundledPackage[] {
  const folders = new Set(inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []));
  return [...folders].sort().map((folder) => describePackage(join(root, folder)));
}

/** What a package says about itself. */
export function describePackage(folder: string): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<'name' | 'version' | 'license', string>;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:[.-]|$)/i.test(entry));
  return { name, version, license, licenseText: file === undefined || !existsSync(join(folder, file)) ? '' : readFileSync(join(folder, file), 'utf8') };
}
