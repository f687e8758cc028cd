// OpenSSH's known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): plain and hashed names, patterns, revoked keys. Certificates of host
// authorities are not looked at.

import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export interface HostKey {
  /** As in "ssh-ed25519". */
  readonly type: string;
  /** As SSH sends it. */
  readonly blob: Uint8Array;
}

interface KnownHost extends HostKey {
  readonly isRevoked: boolean;
}

/** SHA256:... as ssh and ssh-keygen print it. */
export function hostKeyFingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

export function hostKeyOf(blob: Buffer): HostKey {
  return { type: blob.toString('latin1', 4, 4 + blob.readUInt32BE(0)), blob };
}

export function isSameKey(one: HostKey, other: HostKey): boolean {
  return Buffer.compare(one.blob, other.blob) === 0;
}

/** One line of known_hosts. */
export function knownHostsLine(host: string, port: number, { type, blob }: HostKey): string {
  return `${nameOf(host, port)} ${type} ${Buffer.from(blob).toString('base64')}`;
}

/** The keys of a host in several files; files that are missing know nobody. */
export async function knownKeys(files: readonly string[], host: string, port: number): Promise<KnownHost[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.flatMap((text) => keysIn(text, nameOf(host, port)));
}

/** Port 22 goes without saying. */
function nameOf(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

function keysIn(text: string, name: string): KnownHost[] {
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [names, type, key] = words;
    if (key === undefined || names.startsWith('#') || (marker !== undefined && marker !== '@revoked') || !matches(names, name)) return [];
    return [{ type, blob: Buffer.from(key, 'base64'), isRevoked: marker !== undefined }];
  });
}

function matches(names: string, name: string): boolean {
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(names);
  if (hashed !== null) return createHmac('sha1', Buffer.from(hashed[1], 'base64')).update(name).digest('base64') === hashed[2];
  const patterns = names.toLowerCase().split(',');
  const fits = (pattern: string): boolean => new RegExp(`^${pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern)) && !patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)));
}
