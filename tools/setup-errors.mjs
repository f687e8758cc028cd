// The error catalogue of tools/setup.mjs: plain JavaScript, as that is.

/** @satisfies {Record<string, { cause: string, remedy: string }>} */
export const setupErrors = {
  SETUP_NODE_TOO_OLD: {
    cause: 'The Node that runs the set-up is older than 20.',
    remedy: 'Install Node 20 or later, with npm: "apt install nodejs npm" on Debian 13, else from nodejs.org.',
  },
  SETUP_PLATFORM: {
    cause: 'The Node 24 that comes with the checkout is for Linux on x64 and arm64 with glibc 2.28 or later; this machine is another one.',
    remedy: 'Install Node 24 or later by yourself and run the command again.',
  },
  SETUP_NPM_MISSING: {
    cause: 'There is no npm to install the packages with.',
    remedy: 'Install it: "apt install npm", or the Node of nodejs.org, which has it.',
  },
  SETUP_INSTALL_FAILED: {
    cause: 'The packages of package-lock.json could not be installed.',
    remedy: 'See what npm wrote above; then run the command again.',
  },
  SETUP_RUNTIME_MISSING: {
    cause: 'The Node 24 that comes with the checkout was left out by npm.',
    remedy: 'It is set to omit optional packages: "npm config delete omit", remove node_modules and run the command again.',
  },
  SETUP_RUNTIME_BROKEN: {
    cause: 'The Node 24 that comes with the checkout does not start.',
    remedy: 'Remove node_modules and run the command again; if that does not help, the machine lacks a library: the message names it.',
  },
  SETUP_PAGE_FAILED: {
    cause: 'The web app could not be built from its sources in packages/web.',
    remedy: 'See what the build wrote above. If packages are missing, remove node_modules and run the command again.',
  },
  SETUP_BROWSER_MISSING: {
    cause: 'The browser tests drive a Chromium, and there is none that starts.',
    remedy: 'Install it ("apt-get install chromium" as root), or name one in the environment variable AENEAS_CHROMIUM, and run the command again.',
  },
};
