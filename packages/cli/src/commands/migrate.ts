import { resolve } from 'node:path';
import { migrate, openServiceProfiles, readProject, reportText, withServiceProfile } from '@aeneas/server';
import type { MigrateOptions, MigrationEvent, MigrationReport, Project } from '@aeneas/server';
import { DONE, FINISHED_WITH_FINDINGS, INTERRUPTED, UNUSABLE } from '../exit.ts';
import { progressView } from '../progress.ts';
import { readSecret } from '../secret.ts';

export interface MigrateFlags {
  readonly now?: number;
  readonly json?: boolean;
  readonly restart?: boolean;
  readonly serverWorkspace: string;
  readonly vaultPasswordFile?: string;
}

/** `aeneas migrate PROJECT.yaml`: resolves to the exit code; errors are thrown. */
export async function migrateCommand(path: string, flags: MigrateFlags): Promise<number> {
  const findProfile = await openServiceProfiles(resolve(flags.serverWorkspace), () => readSecret({ what: 'Master password of the vault', file: flags.vaultPasswordFile, variable: 'AENEAS_VAULT_PASSWORD' }));
  const project = await withServiceProfile(await readProject(path), findProfile);
  const report = await runMigration(project, { nowSeconds: flags.now, isRestart: flags.restart }, flags.json === true);
  if (flags.json !== true) process.stdout.write(`\n${reportText(report)}`);
  if (report.failures.length > 0) return UNUSABLE;
  return report.isClean ? DONE : FINISHED_WITH_FINDINGS;
}

/** Runs a migration with progress for a person on stderr, or for a program as JSON lines on stdout. Ctrl-C stops it in order. */
export async function runMigration(project: Project, options: MigrateOptions, isJson: boolean): Promise<MigrationReport> {
  const view = progressView(process.stderr);
  const listener = isJson ? printJson : (event: MigrationEvent) => {
    if (event.type === 'progress') view.show(event);
    else if (event.type === 'note') view.note(event.text);
    else if (event.type === 'table-failed') view.note(`${event.table} failed: ${event.code}: ${event.message}. ${event.remedy}`);
  };
  const release = stopOnSignal((signal) => view.note(`Stopping in order (${signal}); once more to stop at once.`));
  try {
    const report = await migrate(project, { ...options, listener, signal: release.signal });
    if (isJson) printJson({ type: 'report', ...report });
    return report;
  } finally {
    view.end();
    release.dispose();
  }
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A signal that aborts at the first SIGINT or SIGTERM; the second ends the process. */
export function stopOnSignal(announce: (signal: string) => void): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const stop = (signal: string): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    announce(signal);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    dispose() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
