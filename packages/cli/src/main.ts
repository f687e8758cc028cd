import { runProgram } from './program.ts';

process.on('uncaughtException', (error) => crash(error));
process.on('unhandledRejection', (error) => crash(error));

// A reader that went away: Output tells its caller; progress and reports have nobody left to tell.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

// Commands that have something to finish listen themselves.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void (process.listenerCount(signal) === 1 && process.exit(3)));

process.exit(await runProgram(process.argv.slice(2)));

async function crash(error: unknown): Promise<never> {
  const { errorText, exitCodeOf } = await import('./exit.ts');
  process.stderr.write(errorText(error));
  process.exit(exitCodeOf(error));
}
