/** Bytes as text (RFC 4648), the same in every host. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const digits = new Uint8Array(128).fill(255);
for (let i = 0; i < 64; i++) digits[ALPHABET.charCodeAt(i)] = i;

export function encode(bytes: Uint8Array): string {
  const parts: string[] = [];
  let part = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const n = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    part += ALPHABET.charAt(n >> 18) + ALPHABET.charAt((n >> 12) & 63);
    part += (left > 1 ? ALPHABET.charAt((n >> 6) & 63) : "=") + (left > 2 ? ALPHABET.charAt(n & 63) : "=");
    if (part.length >= 1 << 14) {
      parts.push(part);
      part = "";
    }
  }
  parts.push(part);
  return parts.join("");
}

/** The bytes, `undefined` if the text is not base64. */
export function decode(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0, at = 0; i < text.length; i += 4) {
    let n = 0;
    for (let j = i; j < i + 4; j++) {
      const digit = j >= text.length - padding ? 0 : (digits[text.charCodeAt(j)] ?? 255);
      if (digit === 255) return undefined;
      n = (n << 6) | digit;
    }
    for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) bytes[at++] = (n >> shift) & 255;
  }
  return bytes;
}
