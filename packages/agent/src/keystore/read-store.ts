// Key stores and trust stores, whatever their format: it is told from the content, since their names tell nothing.

import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import forge from 'node-forge';
import { agentError } from '../errors.ts';
import type { KeyAndCertificate } from './certificate.ts';
import { isJceks, isJks, openJks } from './jks.ts';
import { openPkcs12 } from './pkcs12.ts';
import type { StoreContent } from './store-content.ts';

/** DER begins a PKCS#12 store with a sequence. */
const SEQUENCE = 0x30;

export type StoreFormat = 'p12' | 'jks';

/** Throws KEYSTORE_FORMAT. */
export function storeFormat(bytes: Uint8Array, file: string): StoreFormat {
  if (isJks(bytes)) return 'jks';
  if (bytes[0] === SEQUENCE) return 'p12';
  throw agentError('KEYSTORE_FORMAT', isJceks(bytes) ? 'This is a JCEKS store, which only Java itself can read' : 'This is neither a PKCS#12 store nor a JKS store', { file });
}

/** All certificates of a store as PEM, for `ca`: Node itself refuses a store without a key. Throws KEYSTORE_*. */
export function readTrustStore(bytes: Uint8Array, password: string, file: string): string[] {
  const { certificates } = openStore(bytes, password, file);
  if (certificates.length === 0) throw agentError('KEYSTORE_UNUSABLE', 'The trust store holds no certificate', { file });
  return certificates.map((der) => certificateOf(der, file).toString());
}

export interface OpenedKeyStore extends KeyAndCertificate {
  /** Of the certificate and its chain. */
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** The RSA key of a store and its certificate. Throws KEYSTORE_*. */
export function readKeyStore(bytes: Uint8Array, password: string, file: string): OpenedKeyStore {
  const store = openStore(bytes, password, file);
  const key = store.keys.map((der) => keyOf(der, file)).find(({ asymmetricKeyType }) => asymmetricKeyType === 'rsa');
  if (key === undefined) throw agentError('KEYSTORE_UNUSABLE', 'The key store holds no RSA key', { file });
  const certificates = store.certificates.map((der) => certificateOf(der, file));
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw agentError('KEYSTORE_UNUSABLE', 'The key store holds no certificate of its key', { file });
  const keyPem = key.export({ type: 'pkcs1', format: 'pem' }).toString();
  const chain = [own, ...certificates.filter((certificate) => certificate !== own)];
  return {
    key: forge.pki.privateKeyFromPem(keyPem), certificate: forge.pki.certificateFromPem(own.toString()),
    keyPem, certificatePem: chain.map((certificate) => certificate.toString()).join(''),
  };
}

function openStore(bytes: Uint8Array, password: string, file: string): StoreContent {
  return storeFormat(bytes, file) === 'jks' ? openJks(bytes, password, file) : openPkcs12(bytes, password, file);
}

function keyOf(der: Buffer, file: string): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch (error) {
    throw agentError('KEYSTORE_UNUSABLE', 'A key of the store cannot be read', { file }, error);
  }
}

function certificateOf(der: Buffer, file: string): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (error) {
    throw agentError('KEYSTORE_UNUSABLE', 'A certificate of the store cannot be read', { file }, error);
  }
}
