// PKCS#12 stores that Java's keytool, Node and we read alike (RFC 7292). A key store holds a key with its certificates and is encrypted; a
// trust store holds certificates alone, and its password only guards against changes.

import { randomBytes } from 'node:crypto';
import forge from 'node-forge';
import { agentError } from '../errors.ts';
import type { KeyAndCertificate } from './certificate.ts';
import type { StoreContent } from './store-content.ts';

const { asn1, pkcs12, pki } = forge;

/** Rounds of the key derivation, as many as Java's keytool takes. Strength has to come from the password. */
const ROUNDS = 10_000;
const SALT_BYTES = 16;
const SHA256_BYTES = 32;
/** The purpose byte of RFC 7292, appendix B: a key for the MAC. */
const MAC_PURPOSE = 3;
/** What Java calls a trusted certificate: the bag has this attribute (JDK, PKCS12KeyStore), with "any extended key usage" as its value. */
const TRUSTED_KEY_USAGE = '2.16.840.1.113894.746875.1.1';
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';

/** A key with the chain of its certificates, its own first. */
export function writeKeyStore(alias: string, { key, certificate }: KeyAndCertificate, chain: readonly forge.pki.Certificate[], password: string): Buffer {
  const store = pkcs12.toPkcs12Asn1(key, [certificate, ...chain], password, { algorithm: 'aes256', friendlyName: alias, count: ROUNDS, saltSize: SALT_BYTES });
  return derOf(store);
}

/** Certificates to trust, with the attribute without which Java sees none of them. */
export function writeTrustStore(entries: readonly { readonly alias: string; readonly certificate: forge.pki.Certificate }[], password: string): Buffer {
  const bags = sequence(entries.map(({ alias, certificate }) => sequence([
    oid(pki.oids.certBag),
    explicit(sequence([oid(pki.oids.x509Certificate), explicit(octets(asn1.toDer(pki.certificateToAsn1(certificate)).getBytes()))])),
    set([
      attribute(pki.oids.friendlyName, node(asn1.Type.BMPSTRING, alias)),
      attribute(TRUSTED_KEY_USAGE, oid(ANY_EXTENDED_KEY_USAGE)),
    ]),
  ])));
  const safe = sequence([sequence([oid(pki.oids.data), explicit(octets(asn1.toDer(bags).getBytes()))])]);
  const content = asn1.toDer(safe).getBytes();
  const salt = randomBytes(SALT_BYTES).toString('latin1');
  const macKey = pkcs12.generateKey(password, forge.util.createBuffer(salt), MAC_PURPOSE, ROUNDS, SHA256_BYTES, forge.md.sha256.create());
  const mac = forge.hmac.create();
  mac.start(forge.md.sha256.create(), macKey);
  mac.update(content);
  const algorithm = sequence([oid(pki.oids.sha256), node(asn1.Type.NULL, '')]);
  return derOf(sequence([
    integer(3),
    sequence([oid(pki.oids.data), explicit(octets(content))]),
    sequence([sequence([algorithm, octets(mac.digest().getBytes())]), octets(salt), integer(ROUNDS)]),
  ]));
}

/** Throws KEYSTORE_UNUSABLE. */
export function openPkcs12(bytes: Uint8Array, password: string, file: string): StoreContent {
  const store = opened(bytes, password, file);
  const bagsOf = (type: string): forge.pkcs12.Bag[] => store.getBags({ bagType: type })[type] ?? [];
  return {
    // What the library does not know, such as elliptic curves, it leaves as the structure that it found.
    keys: [pki.oids.pkcs8ShroudedKeyBag, pki.oids.keyBag].flatMap(bagsOf).map(({ key, asn1: structure }) => derOf(key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)) : structure)),
    certificates: bagsOf(pki.oids.certBag).map(({ cert, asn1: structure }) => derOf(cert ? pki.certificateToAsn1(cert) : structure)),
  };
}

function opened(bytes: Uint8Array, password: string, file: string): forge.pkcs12.Pkcs12Pfx {
  let structure: forge.asn1.Asn1;
  try {
    structure = asn1.fromDer(Buffer.from(bytes).toString('latin1'));
  } catch (error) {
    throw agentError('KEYSTORE_UNUSABLE', 'The PKCS#12 store is damaged', { file }, error);
  }
  try {
    return pkcs12.pkcs12FromAsn1(structure, password);
  } catch (error) {
    const isPassword = /MAC could not be verified|Invalid password/.test((error as Error).message);
    throw agentError('KEYSTORE_UNUSABLE', isPassword ? 'The password of the store is wrong, or the store is damaged' : 'This is not a PKCS#12 store that can be read', { file }, error);
  }
}

// ASN.1, as little as a trust store needs

type Node = forge.asn1.Asn1;

function node(type: forge.asn1.Type, value: string): Node {
  return asn1.create(asn1.Class.UNIVERSAL, type, false, value);
}

function sequence(parts: Node[]): Node {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, parts);
}

function set(parts: Node[]): Node {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SET, true, parts);
}

/** [0] EXPLICIT */
function explicit(part: Node): Node {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0 as forge.asn1.Type, true, [part]);
}

function octets(bytes: string): Node {
  return node(asn1.Type.OCTETSTRING, bytes);
}

function oid(dotted: string): Node {
  return node(asn1.Type.OID, asn1.oidToDer(dotted).getBytes());
}

function integer(value: number): Node {
  return node(asn1.Type.INTEGER, asn1.integerToDer(value).getBytes());
}

function attribute(type: string, value: Node): Node {
  return sequence([oid(type), set([value])]);
}

function derOf(structure: Node): Buffer {
  return Buffer.from(asn1.toDer(structure).getBytes(), 'latin1');
}
