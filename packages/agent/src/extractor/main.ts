// The installed command, `cassandra-data-extractor`.

import { CodedError } from '@aeneas/cassandra';
import { parseCommandLine } from './command-line.ts';
import { extractorError } from './errors.ts';
import { helpOf } from './help.ts';
import { runExtractor } from './program.ts';

const UNUSABLE = 2;

process.on('uncaughtException', (error) => end(error));
process.on('unhandledRejection', (error) => end(error));
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  const line = parseCommandLine(process.argv.slice(2));
  if (line.action === 'help') process.stdout.write(helpOf(line.topic));
  else process.exitCode = await runExtractor(line);
  process.exit();
} catch (error) {
  end(error);
}

function end(error: unknown): never {
  const coded = error instanceof CodedError ? error : extractorError('EXTRACTOR_FAILED', error instanceof Error ? error.message : String(error));
  process.stderr.write(`${coded.line()}\n`);
  if (process.env.AENEAS_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(UNUSABLE);
}
