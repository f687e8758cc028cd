// Values that JSON has no form for. Each codec is text on the wire and a value in the program.

import { z } from 'zod';

/** A 64-bit or longer integer, in decimal. */
export const integerCodec = z.codec(z.string().regex(/^-?\d{1,40}$/), z.bigint(), { decode: (text) => BigInt(text), encode: (value) => value.toString() });

/** Bytes, in base64. */
export const bytesCodec = z.codec(z.base64(), z.instanceof(Uint8Array), {
  decode: (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)),
  encode: (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')),
});
