import manifest from '../package.json' with { type: 'json' };

/** The version of this agent; a package's build puts its own here. */
export const AGENT_VERSION: string = manifest.version;
