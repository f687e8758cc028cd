// A node as a cluster in production has it: password login, and TLS for its clients, which may have to show a certificate.

import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auth, Client } from 'cassandra-driver';
import { generateKeyStores } from '@aeneas/agent';
import { CassandraNode } from './cassandra-node.ts';
import type { CassandraVersion } from './cassandra-release.ts';

export const STORE_PASSWORD = 'store-password-1';
/** A name in the nodes' certificates besides their addresses. */
export const CERTIFIED_NAME = 'localhost';

interface Order {
  readonly version: CassandraVersion;
  readonly address: string;
  readonly index: number;
  /** Where the stores come to be: trust.p12 and server.p12 for a client, and both as .jks. */
  readonly folder: string;
  readonly publicKey: string;
  /** Of the node's own stores. */
  readonly storeType: 'JKS' | 'PKCS12';
  readonly demandsCertificate: boolean;
}

/** Configured, not started. */
export async function prepareSecured({ version, address, index, folder, publicKey, storeType, demandsCertificate }: Order): Promise<CassandraNode> {
  await makeStores(folder, [address, CERTIFIED_NAME]);
  const node = await CassandraNode.prepare(version, { address, index, seed: address, publicKey });
  for (const file of ['trust.p12', 'agent-node.p12', 'server.p12']) {
    const content = readFileSync(join(folder, file)).toString('base64');
    node.machine.run(`echo '${content}' | base64 -d >/etc/cassandra/${file}`);
  }
  const ending = storeType === 'JKS' ? 'jks' : 'p12';
  node.machine.run(`
    sed -i -e 's/^authenticator:.*/authenticator: PasswordAuthenticator/' -e 's/^authorizer:.*/authorizer: CassandraAuthorizer/' -e '/^client_encryption_options:/,/^[a-z]/{/^client_encryption_options:/d;/^ /d}' /etc/cassandra/cassandra.yaml
    cd /etc/cassandra
    for store in trust agent-node server; do
      keytool -importkeystore -srckeystore $store.p12 -srcstoretype PKCS12 -srcstorepass ${STORE_PASSWORD} -destkeystore $store.jks -deststoretype JKS -deststorepass ${STORE_PASSWORD} -noprompt >/dev/null 2>&1
    done
    chown cassandra: *.jks *.p12
    cat >>cassandra.yaml <<'END'
client_encryption_options:
    enabled: true
    keystore: /etc/cassandra/agent-node.${ending}
    keystore_password: ${STORE_PASSWORD}
    truststore: /etc/cassandra/trust.${ending}
    truststore_password: ${STORE_PASSWORD}
    store_type: ${storeType}
    require_client_auth: ${demandsCertificate}
END`);
  for (const file of ['trust.jks', 'server.jks']) copyFileSync(node.machine.path(`/etc/cassandra/${file}`), join(folder, file));
  return node;
}

/** An authority, and what it has signed: for a node (agent-node.p12) and for a client of it (server.p12). */
export async function makeStores(folder: string, hosts: readonly string[]): Promise<void> {
  await generateKeyStores({ folder, storePassword: STORE_PASSWORD, authorityPassword: `${STORE_PASSWORD} of the authority`, agents: [{ name: 'node', hosts: [...hosts] }], serverHosts: ['localhost'], days: 30 });
}

/** Statements of the default superuser, by a driver of its own. */
export async function asSuperuser(address: string, folder: string, statements: readonly string[]): Promise<void> {
  const client = new Client({
    contactPoints: [address], localDataCenter: 'datacenter1', authProvider: new auth.PlainTextAuthProvider('cassandra', 'cassandra'),
    sslOptions: { rejectUnauthorized: false, pfx: readFileSync(join(folder, 'server.p12')), passphrase: STORE_PASSWORD },
  });
  try {
    for (const statement of statements) await client.execute(statement);
  } finally {
    await client.shutdown();
  }
}

/** An SSH key pair; the public key's text. */
export function makeSshKey(folder: string): string {
  execFileSync('ssh-keygen', ['-qt', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
  return readFileSync(join(folder, 'key.pub'), 'utf8');
}
