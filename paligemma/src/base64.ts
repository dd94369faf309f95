const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const valueOf = new Map([...ALPHABET].map((character, value) => [character, value]));

/**
 * The bytes of base64 text, with or without padding. Neither Node's `Buffer` nor the browser's `atob` is known to every
 * process that reads masks.
 * @throws Error for a character that is not in the alphabet.
 * Source: RFC 4648, section 4.
 */
export function bytesOfBase64(text: string): Uint8Array {
  const digits = text.replace(/={1,2}$/, '');
  const bytes = new Uint8Array(Math.floor(digits.length * 6 / 8));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (const digit of digits) {
    const value = valueOf.get(digit);
    if (value === undefined) throw new Error('The mask is not base64.');
    bits = (bits << 6 | value) & 0xffff;
    bitCount += 6;
    if (bitCount >= 8) bytes[at++] = bits >> (bitCount -= 8) & 0xff;
  }
  return bytes;
}
