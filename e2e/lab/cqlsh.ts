// Cassandra's own shell, as a person uses it at a terminal. That of the releases wants Python 2; this one is the same program for Python 3.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from '../../tools/packaging/run-tool.ts';
import { cacheFolder } from '../package/debian-root.ts';

const VERSION = '6.2.2';
/** With all that it needs, so that it is the same one everywhere. */
const PACKAGES = [`cqlsh==${VERSION}`, 'cassandra-driver==3.30.1', 'click==8.5.1', 'Deprecated==1.3.1', 'geomet==1.1.0', 'pure-sasl==0.6.2', 'wcwidth==0.9.4', 'wrapt==2.5.2'];

/** Types the password where it is asked for. The arguments are the password and the command. */
const TERMINAL = `set timeout 120
set password [lindex $argv 0]
spawn -noecho {*}[lrange $argv 1 end]
expect {
  -exact "Password: " {}
  timeout { exit 9 }
  eof { exit 9 }
}
send -- "$password\\r"
expect eof
lassign [wait] pid spawnid oserror exitcode
exit $exitcode
`;

/** The program; made once for each user. Throws PACKAGE_TOOL_MISSING, PACKAGE_BUILD_FAILED. */
export async function provideCqlsh(): Promise<string> {
  const folder = join(cacheFolder(), `cqlsh-${VERSION}`);
  const program = join(folder, 'bin/cqlsh');
  if (existsSync(program)) return program;
  try {
    // An environment of Python cannot be moved once it is made.
    await runTool('python3', ['-m', 'venv', folder]);
    await runTool(join(folder, 'bin/pip'), ['--quiet', '--disable-pip-version-check', 'install', '--no-deps', ...PACKAGES]);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return program;
}

/** `cqlsh -u USER HOST` with statements, after the password was typed; what the terminal showed. Throws when a statement is refused. */
export async function cqlsh(host: string, user: string, password: string, statements: readonly string[]): Promise<string> {
  const program = await provideCqlsh();
  const scratch = mkdtempSync(join(tmpdir(), 'aeneas-cqlsh-'));
  try {
    writeFileSync(join(scratch, 'statements.cql'), `${statements.join('\n')}\n`);
    writeFileSync(join(scratch, 'terminal.exp'), TERMINAL);
    return execFileSync('expect', [join(scratch, 'terminal.exp'), password, program, '-u', user, host, '-f', join(scratch, 'statements.cql')], { env: { ...process.env, HOME: scratch } }).toString();
  } catch (error) {
    throw new Error(`cqlsh: ${(error as { readonly stdout?: Buffer }).stdout?.toString() ?? (error as Error).message}`, { cause: error });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
