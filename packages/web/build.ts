// Builds the page into dist, unless what is there was made of the same sources. The build runs in a process of its own: it needs
// more memory than the server may have. Started as a program, this builds and ends; tools/setup.mjs does that.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '../..');
const DIST = join(HERE, 'dist');
/** Within dist: the hash of what it was made of. Written last. */
const STAMP = '.made-of';
/** Smaller ones fit into a packet or two anyway. */
const SMALLEST_TO_COMPRESS = 1024;

const run = promisify(execFile);
const compress = promisify(brotliCompress);

/**
 * The folder of the built page: index.html, and assets whose names change with their content, with a compressed `.br` beside each.
 * @param onBuild told when it has to be built, which takes some seconds.
 * @throws what the build says when it fails.
 */
export async function builtPage(onBuild: () => void = () => {}): Promise<string> {
  const madeOf = inputHash();
  const stamp = join(DIST, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === madeOf) return DIST;
  onBuild();
  // Beside the old one, and then in its place: somebody else may be building, and nobody ever sees half a page.
  const beside = join(ROOT, 'node_modules/.cache');
  await mkdir(beside, { recursive: true });
  const made = await mkdtemp(join(beside, 'aeneas-page-'));
  try {
    const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
    await run(process.execPath, [vite, 'build', '--outDir', made, '--emptyOutDir', '--logLevel', 'error'], { cwd: HERE, env: { ...process.env, NODE_ENV: 'production' } });
    for (const file of globSync('**/*.{js,css,svg,html}', { cwd: made })) await writeCompressed(join(made, file));
    await writeFile(join(made, STAMP), madeOf);
    const old = `${made}-old`;
    if (existsSync(DIST)) await rename(DIST, old);
    await rename(made, DIST);
    await rm(old, { recursive: true, force: true });
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return DIST;
}

async function writeCompressed(file: string): Promise<void> {
  const content = await readFile(file);
  if (content.length >= SMALLEST_TO_COMPRESS) await writeFile(`${file}.br`, await compress(content));
}

/** Of everything that the page is made of: our sources, the contract, and the versions of what others wrote. */
function inputHash(): string {
  const hash = createHash('sha256');
  const files = [...globSync('{src/**,index.html,package.json,*.ts}', { cwd: HERE }), ...globSync('../protocol/src/**', { cwd: HERE }), '../../package-lock.json'];
  for (const file of files.map((name) => join(HERE, name)).sort()) {
    if (/\.test\.tsx?$/.test(file) || !/\.\w+$/.test(file)) continue;
    hash.update(`${relative(ROOT, file)}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

if (import.meta.main) await builtPage(() => process.stderr.write('Building the page (only when its sources changed; some seconds) ...\n'));
