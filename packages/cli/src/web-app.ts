import { builtPage } from '@aeneas/web';

/** The folder of the built web app, for `serve`. A server without it still works: what is wrong is printed, and whoever opens the page is told. */
export async function webApp(): Promise<string | undefined> {
  try {
    return await builtPage(() => process.stderr.write('Building the web app (only when its sources changed; some seconds) ...\n'));
  } catch (error) {
    process.stderr.write(`PAGE_NOT_BUILT: The web app could not be built: ${(error as Error).message.trim()}. Run "npm ci", then "npm run setup". The API and the commands work all the same.\n`);
    return undefined;
  }
}
