// Writes the documents that are made from the code (`npm run docs`); prints the paths of those that changed.

import { fileURLToPath } from 'node:url';
import { writeDocuments } from './documents.ts';

for (const path of await writeDocuments(fileURLToPath(new URL('..', import.meta.url)))) process.stdout.write(`${path}\n`);
