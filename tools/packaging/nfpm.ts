// nfpm makes .deb and .rpm from one description, without the tools of either distribution.

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { packagingError } from './errors.ts';
import { runTool } from './run-tool.ts';

/** Later ones (2.46 to 2.48) cannot be installed by `go install`. */
const NFPM_VERSION = '2.45.0';
/** Where Go's own archive unpacks, which is not always on the PATH. */
const GO_FOLDER = '/usr/local/go/bin';

/** The path of the nfpm that this build is made for; built once for each user, which takes Go two or three minutes. Throws PACKAGE_TOOL_MISSING. */
export async function provideNfpm(): Promise<string> {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), `aeneas/nfpm-${NFPM_VERSION}`);
  const nfpm = join(folder, 'nfpm');
  if (existsSync(nfpm)) return nfpm;
  process.stderr.write(`Building nfpm ${NFPM_VERSION} (once; two or three minutes) ...\n`);
  try {
    // CGO is not needed, and would ask for a C compiler.
    const env = { GOBIN: folder, CGO_ENABLED: '0', GOFLAGS: '', PATH: `${process.env['PATH'] ?? ''}:${GO_FOLDER}` };
    await runTool('env', ['go', 'install', `github.com/goreleaser/nfpm/v2/cmd/nfpm@v${NFPM_VERSION}`], { env });
  } catch (error) {
    throw packagingError('PACKAGE_TOOL_MISSING', `nfpm ${NFPM_VERSION} could not be built with Go: ${(error as Error).message}`);
  }
  return nfpm;
}
