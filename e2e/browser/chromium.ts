// The Chromium of this machine, as tools/setup.mjs provides it.

import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

function chromiumPath(): string {
  const given = process.env['AENEAS_CHROMIUM'];
  if (given !== undefined) return given;
  const places = (process.env['PATH'] ?? '').split(':').flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = places.find((path) => isProgram(path));
  if (found === undefined) throw new Error('There is no Chromium here for the browser tests: run "npm test" as root on Debian, or install it (apt-get install chromium), or name one in AENEAS_CHROMIUM.');
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
