import { appContract } from '@aeneas/protocol';
import { minifyContractRouter } from '@orpc/contract';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

/** The contract as the browser needs it, routes without schemas: types are checked when the page is built, and zod stays out of it. */
const contract: Plugin = {
  name: 'contract',
  resolveId: (id) => (id === 'virtual:contract' ? '\0contract' : null),
  load: (id) => (id === '\0contract' ? `export const contract = ${JSON.stringify(minifyContractRouter(appContract))};` : null),
};

/** Cloudscape's style sheet carries its font as 140 KB of base64, twice what all the rest weighs: the system's own serves as well. */
const systemFont: Plugin = {
  name: 'system-font',
  enforce: 'pre',
  transform: (code, id) => (id.endsWith('global-styles/index.css') ? code.replaceAll(/@font-face\s*\{[^}]*\}/g, '') : null),
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [contract, systemFont, react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'react', test: /node_modules\/(?:react|react-dom|scheduler)\// }] } } },
  },
});
