#!/usr/bin/env node
// Makes a checkout ready to run: checks the machine, then `npm ci`, but only if what is installed is not what package-lock.json says; then
// builds the page, but only if its sources changed. With --browser it also provides the Chromium that the browser tests drive.
// Plain JavaScript, because it runs before anything is installed, on the machine's own Node (20 or later). The Node 24 that
// everything else runs on arrives with `npm ci` as node_modules/.bin/node; npm puts that directory first on the PATH of its
// scripts, so what a script starts after this file already runs on it. (The shell that runs a script may remember where it found
// `node`: scripts say `env node`, or start a command.)

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setupErrors } from './setup-errors.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = 20;
const RUNTIME_NODE = 24;
/** The bundled Node is built against glibc 2.28. */
const OLDEST_GLIBC_MINOR = 28;
const HEARTBEAT_MS = 10_000;
/** As e2e/browser/chromium.ts looks for them. */
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** @type {(code: keyof typeof setupErrors, happened: string, remedy?: string) => never} */
function fail(code, happened, remedy = setupErrors[code].remedy) {
  process.stderr.write(`${code}: ${happened} ${remedy}\n`);
  process.exit(2);
}

function checkMachine() {
  const node = Number(process.versions.node.split('.')[0]);
  if (node < OLDEST_NODE) fail('SETUP_NODE_TOO_OLD', `This is Node ${process.versions.node}.`);
  if (node >= RUNTIME_NODE) return;
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) {
    fail('SETUP_PLATFORM', `The Node ${RUNTIME_NODE} that comes with this checkout does not run on ${process.platform} ${process.arch}.`);
  }
  const glibc = process.report.getReport().header?.glibcVersionRuntime ?? 'none';
  const [major, minor] = glibc.split('.').map(Number);
  if (major !== 2 || minor < OLDEST_GLIBC_MINOR) {
    fail('SETUP_PLATFORM', `The Node ${RUNTIME_NODE} that comes with this checkout needs glibc 2.${OLDEST_GLIBC_MINOR} or later; here is ${glibc}.`);
  }
}

/** @type {(path: string) => Record<string, Record<string, unknown>>} */
function lockedPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}

/**
 * True when every package of package-lock.json is installed in its locked version. npm writes node_modules/.package-lock.json as the
 * last act of a successful install, so that file is the stamp. Optional packages may be missing: they are for other platforms.
 */
function isInstalled() {
  const stamp = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(stamp)) return false;
  try {
    const installed = lockedPackages(stamp);
    return Object.entries(lockedPackages(join(ROOT, 'package-lock.json'))).every(([path, wanted]) => {
      if (path === '') return true;
      const found = installed[path];
      if (found === undefined) return wanted.optional === true || wanted.devOptional === true;
      return found.version === wanted.version && found.integrity === wanted.integrity && found.link === wanted.link;
    });
  } catch {
    return false;
  }
}

/** npm as started by npm itself, else the one on the PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  return cli !== undefined && cli.endsWith('.js') && existsSync(cli) ? [process.execPath, cli] : ['npm'];
}

/** @type {(output: string) => string} */
function remedyFor(output) {
  if (/ENOSPC/.test(output)) return 'The disk is full: about 500 MB are needed here, and half as much in the directory of npm\'s cache.';
  if (/EACCES|EPERM/.test(output)) return 'A directory may not be written: run as the user who owns the checkout, and look at "npm config get cache".';
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|CERT|proxy/i.test(output)) return 'The registry could not be reached: see "npm config get registry", "npm config get proxy" and the network; then run it again.';
  if (/EINTEGRITY/.test(output)) return 'A download does not match package-lock.json: "npm cache clean --force", then run it again.';
  if (/EUSAGE|in sync/.test(output)) return 'package.json and package-lock.json disagree: run "npm install", and commit both.';
  return setupErrors.SETUP_INSTALL_FAILED.remedy;
}

async function install() {
  const [command, ...first] = npmCommand();
  // NODE_ENV=production or npm's own settings would leave out what the tests and the bundled Node need.
  // No package needs its install script (native ones ship prebuilt), so none is run: no compiler is asked for.
  const args = [...first, 'ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  process.stderr.write('Installing what package-lock.json lists (once; a minute or two) ...\n');
  const started = Date.now();
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => {
    output += chunk;
    process.stderr.write(chunk);
  });
  const heartbeat = setInterval(() => process.stderr.write(`... ${Math.round((Date.now() - started) / 1000)} s\n`), HEARTBEAT_MS);
  const status = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += String(error);
      resolve('missing');
    });
    child.on('close', resolve);
  });
  clearInterval(heartbeat);
  if (status === 'missing') fail('SETUP_NPM_MISSING', `npm could not be started (${output.trim()}).`);
  if (status !== 0) fail('SETUP_INSTALL_FAILED', `"npm ci" ended with ${status}.`, remedyFor(output));
  process.stderr.write(`Installed in ${Math.round((Date.now() - started) / 1000)} s.\n`);
}

/**
 * The Node that everything runs on from here must be there and start. npm 9 (Debian's) does not link it into node_modules/.bin:
 * when it leaves out the other platform's package, which has a command of the same name, it removes the link with it.
 */
function provideRuntime() {
  const link = join(ROOT, 'node_modules/.bin/node');
  const binary = join(ROOT, `node_modules/node-linux-${process.arch}/bin/node`);
  if (!existsSync(link)) {
    if (existsSync(binary)) symlinkSync(`../node-linux-${process.arch}/bin/node`, link);
    else if (Number(process.versions.node.split('.')[0]) >= RUNTIME_NODE) return;
    else fail('SETUP_RUNTIME_MISSING', `npm left out the Node ${RUNTIME_NODE} that comes with this checkout.`);
  }
  const { status, stderr } = spawnSync(link, ['--version'], { encoding: 'utf8' });
  if (status !== 0) fail('SETUP_RUNTIME_BROKEN', `The Node ${RUNTIME_NODE} that comes with this checkout does not start: ${stderr.trim()}.`);
}

/** The page, by its own build script on the bundled Node. */
function buildPage() {
  const link = join(ROOT, 'node_modules/.bin/node');
  const { status } = spawnSync(existsSync(link) ? link : process.execPath, [join(ROOT, 'packages/web/build.ts')], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) fail('SETUP_PAGE_FAILED', 'The build of the page failed, as it says above.');
}

/** @type {(command: string, ...args: string[]) => boolean} */
function runs(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Debian's package, since Playwright's own browsers would be a download of 150 MB past the package manager. */
function provideBrowser() {
  const given = process.env.AENEAS_CHROMIUM;
  if (given !== undefined ? runs(given, '--version') : BROWSERS.some((name) => runs(name, '--version'))) return;
  if (given !== undefined) fail('SETUP_BROWSER_MISSING', `AENEAS_CHROMIUM names ${given}, which does not start.`);
  if (process.getuid?.() !== 0 || !runs('apt-get', '--version')) fail('SETUP_BROWSER_MISSING', 'There is no Chromium here, and this is not root on Debian or Ubuntu, who could install it.');
  process.stderr.write('Installing Chromium for the browser tests (once; apt-get install chromium) ...\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (/** @type {string[]} */ ...args) => spawnSync('apt-get', ['-qq', '-o', 'Dpkg::Use-Pty=0', ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  apt('update');
  const { status, stderr } = apt('install', '--yes', '--no-install-recommends', 'chromium', 'fonts-dejavu-core');
  if (status !== 0 || !BROWSERS.some((name) => runs(name, '--version'))) fail('SETUP_BROWSER_MISSING', `apt-get could not install it: ${stderr.trim().split('\n').at(-1)}`);
}

checkMachine();
const wasInstalled = isInstalled();
if (!wasInstalled) await install();
if (!wasInstalled || !existsSync(join(ROOT, 'node_modules/.bin/node'))) provideRuntime();
buildPage();
if (process.argv.includes('--browser')) provideBrowser();
