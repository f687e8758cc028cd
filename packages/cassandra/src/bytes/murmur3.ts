// The token of Murmur3Partitioner: the first 64 bits of MurmurHash3 x64/128 with seed 0, in the variant that Cassandra is bound to for
// ever (its tail bytes are sign-extended). JavaScript has no 64-bit integers worth using on a hot path, so a 64-bit word is two halves.
// Source of the rule: org.apache.cassandra.utils.MurmurHash.hash3_x64_128 and Murmur3Partitioner.getToken.

/** Result of the last hash: hi signed, lo unsigned. Read at once. */
export const murmur3 = { hi: 0, lo: 0 };

const C1_HI = 0x87c37b91;
const C1_LO = 0x114253d5;
const C2_HI = 0x4cf5ad43;
const C2_LO = 0x2745937f;

// Product of the last multiply, and the state words that rounds work on.
let productHi = 0;
let productLo = 0;

function multiply(aHi: number, aLo: number, bHi: number, bLo: number): void {
  const a0 = aLo & 0xffff;
  const a1 = aLo >>> 16;
  const b0 = bLo & 0xffff;
  const b1 = bLo >>> 16;
  const low = a0 * b0;
  const middle1 = a1 * b0 + (low >>> 16);
  const middle2 = a0 * b1 + (middle1 & 0xffff);
  productLo = ((middle2 & 0xffff) << 16) | (low & 0xffff);
  const carry = a1 * b1 + Math.floor(middle1 / 0x10000) + Math.floor(middle2 / 0x10000);
  productHi = (carry + Math.imul(aHi, bLo) + Math.imul(aLo, bHi)) | 0;
}

/** Hashes bytes[start, end) into `murmur3`. */
export function hashMurmur3(bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  let h1Hi = 0;
  let h1Lo = 0;
  let h2Hi = 0;
  let h2Lo = 0;
  const blocks = length >>> 4;
  let at = start;
  for (let i = 0; i < blocks; i++, at += 16) {
    // k1 *= C1; k1 = rotl(k1, 31); k1 *= C2; h1 ^= k1
    multiply(littleEndian(bytes, at + 4), littleEndian(bytes, at), C1_HI, C1_LO);
    multiply((productHi << 31) | (productLo >>> 1), (productLo << 31) | (productHi >>> 1), C2_HI, C2_LO);
    h1Hi ^= productHi;
    h1Lo ^= productLo;
    // h1 = rotl(h1, 27); h1 += h2; h1 = h1 * 5 + 0x52dce729
    let hi = (h1Hi << 27) | (h1Lo >>> 5);
    let lo = (h1Lo << 27) | (h1Hi >>> 5);
    let sum = (lo >>> 0) + (h2Lo >>> 0);
    multiply((hi + h2Hi + (sum > 0xffffffff ? 1 : 0)) | 0, sum | 0, 0, 5);
    sum = (productLo >>> 0) + 0x52dce729;
    h1Lo = sum | 0;
    h1Hi = (productHi + (sum > 0xffffffff ? 1 : 0)) | 0;
    // k2 *= C2; k2 = rotl(k2, 33); k2 *= C1; h2 ^= k2
    multiply(littleEndian(bytes, at + 12), littleEndian(bytes, at + 8), C2_HI, C2_LO);
    multiply((productLo << 1) | (productHi >>> 31), (productHi << 1) | (productLo >>> 31), C1_HI, C1_LO);
    h2Hi ^= productHi;
    h2Lo ^= productLo;
    // h2 = rotl(h2, 31); h2 += h1; h2 = h2 * 5 + 0x38495ab5
    hi = (h2Hi << 31) | (h2Lo >>> 1);
    lo = (h2Lo << 31) | (h2Hi >>> 1);
    sum = (lo >>> 0) + (h1Lo >>> 0);
    multiply((hi + h1Hi + (sum > 0xffffffff ? 1 : 0)) | 0, sum | 0, 0, 5);
    sum = (productLo >>> 0) + 0x38495ab5;
    h2Lo = sum | 0;
    h2Hi = (productHi + (sum > 0xffffffff ? 1 : 0)) | 0;
  }

  const tail = length & 15;
  if (tail > 8) {
    readTail(bytes, at + 8, at + tail);
    multiply(wordHi, wordLo, C2_HI, C2_LO);
    multiply((productLo << 1) | (productHi >>> 31), (productHi << 1) | (productLo >>> 31), C1_HI, C1_LO);
    h2Hi ^= productHi;
    h2Lo ^= productLo;
  }
  if (tail > 0) {
    readTail(bytes, at, at + Math.min(tail, 8));
    multiply(wordHi, wordLo, C1_HI, C1_LO);
    multiply((productHi << 31) | (productLo >>> 1), (productLo << 31) | (productHi >>> 1), C2_HI, C2_LO);
    h1Hi ^= productHi;
    h1Lo ^= productLo;
  }

  // Finalization.
  h1Lo ^= length;
  h2Lo ^= length;
  let sum = (h1Lo >>> 0) + (h2Lo >>> 0);
  h1Hi = (h1Hi + h2Hi + (sum > 0xffffffff ? 1 : 0)) | 0;
  h1Lo = sum | 0;
  sum = (h2Lo >>> 0) + (h1Lo >>> 0);
  h2Hi = (h2Hi + h1Hi + (sum > 0xffffffff ? 1 : 0)) | 0;
  h2Lo = sum | 0;
  mix(h1Hi, h1Lo);
  h1Hi = productHi;
  h1Lo = productLo;
  mix(h2Hi, h2Lo);
  sum = (h1Lo >>> 0) + (productLo >>> 0);
  murmur3.hi = (h1Hi + productHi + (sum > 0xffffffff ? 1 : 0)) | 0;
  murmur3.lo = sum >>> 0;
}

// The word that `readTail` read last.
let wordHi = 0;
let wordLo = 0;

/** Up to eight bytes, little-endian and sign-extended, as Java's (long) byte is: a negative byte flips all bits above it. */
function readTail(bytes: Uint8Array, start: number, end: number): void {
  wordHi = 0;
  wordLo = 0;
  for (let i = end - 1; i >= start; i--) {
    const shift = (i - start) * 8;
    const byte = (bytes[i] << 24) >> 24;
    if (shift < 32) {
      wordLo ^= byte << shift;
      wordHi ^= shift === 0 ? byte >> 31 : byte >> (32 - shift);
    } else {
      wordHi ^= byte << (shift - 32);
    }
  }
}

/** fmix64, into productHi and productLo. */
function mix(hi: number, lo: number): void {
  multiply(hi, lo ^ (hi >>> 1), 0xff51afd7, 0xed558ccd);
  multiply(productHi, productLo ^ (productHi >>> 1), 0xc4ceb9fe, 0x1a85ec53);
  productLo ^= productHi >>> 1;
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
