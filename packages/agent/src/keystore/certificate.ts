// X.509 certificates for the two sides of the agent's connection: an authority of our own, and what it signs. RSA, since the library
// that writes the certificates knows nothing else; the keys come from node:crypto.

import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';

const DAY_MILLIS = 86_400_000;
const MODULUS_BITS = 3072;
/** Clocks of two machines differ. */
const CLOCK_SLACK_MILLIS = DAY_MILLIS;

export interface KeyAndCertificate {
  readonly key: forge.pki.rsa.PrivateKey;
  readonly certificate: forge.pki.Certificate;
}

/** agent: may serve TLS under its names. server: may log in to agents. self: an agent that has no authority, pinned by its fingerprint. */
export type CertificateUse = 'authority' | 'agent' | 'server' | 'self';

export interface CertificateOrder {
  readonly commonName: string;
  /** Host names and addresses. */
  readonly names?: readonly string[];
  readonly use: CertificateUse;
  readonly days: number;
  /** When it becomes valid; default: a day ago. */
  readonly fromMillis?: number;
  readonly modulusBits?: number;
}

/** Makes a key and its certificate, signed by the authority; without one it signs itself. */
export async function makeCertificate(order: CertificateOrder, authority?: KeyAndCertificate): Promise<KeyAndCertificate> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: order.modulusBits ?? MODULUS_BITS,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const key = forge.pki.privateKeyFromPem(privateKey);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // A serial number is positive: the first byte keeps its top bit clear, and is not zero.
  const serial = randomBytes(16);
  serial[0] = (serial[0] & 0x3f) | 0x40;
  certificate.serialNumber = serial.toString('hex');
  certificate.validity.notBefore = new Date(order.fromMillis ?? Date.now() - CLOCK_SLACK_MILLIS);
  certificate.validity.notAfter = new Date((order.fromMillis ?? Date.now()) + order.days * DAY_MILLIS);
  const subject = [{ name: 'commonName', value: order.commonName }, { name: 'organizationName', value: 'Aeneas' }];
  certificate.setSubject(subject);
  certificate.setIssuer(authority?.certificate.subject.attributes ?? subject);
  certificate.setExtensions(extensionsOf(order, authority?.certificate ?? certificate));
  certificate.sign(authority?.key ?? key, forge.md.sha256.create());
  return { key, certificate };
}

function extensionsOf({ use, names = [] }: CertificateOrder, issuer: forge.pki.Certificate): object[] {
  const isAuthority = use === 'authority';
  return [
    { name: 'basicConstraints', critical: true, cA: isAuthority, ...(isAuthority ? { pathLenConstraint: 0 } : {}) },
    isAuthority ? { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true } : { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    ...(isAuthority ? [] : [{ name: 'extKeyUsage', serverAuth: use !== 'server', clientAuth: use === 'server' }]),
    ...(names.length === 0 ? [] : [{ name: 'subjectAltName', altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })) }]),
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
  ];
}

/** SHA-256 of a certificate as tools print it: AB:CD:... */
export function fingerprintOf(certificate: forge.pki.Certificate): string {
  const der = forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes();
  return forge.md.sha256.create().update(der).digest().toHex().toUpperCase().replaceAll(/..(?!$)/g, '$&:');
}
