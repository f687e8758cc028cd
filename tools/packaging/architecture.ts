// The architectures that packages are built for, by the names that everybody gives them.

export interface Architecture {
  /** Node's and npm's. */
  readonly node: 'x64' | 'arm64';
  /** Debian's and nfpm's. */
  readonly deb: string;
  readonly rpm: string;
}

export const ARCHITECTURES: readonly Architecture[] = [
  { node: 'x64', deb: 'amd64', rpm: 'x86_64' },
  { node: 'arm64', deb: 'arm64', rpm: 'aarch64' },
];

/** This machine's. */
export function thisArchitecture(): Architecture {
  return ARCHITECTURES.find(({ node }) => node === process.arch)!;
}
