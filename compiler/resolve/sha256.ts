/** SHA-256 (FIPS 180-4) of the UTF-8 bytes of a text, as hex. Plain code: the compiler runs where there is no crypto module. */
export function sha256(text: string): string {
  const message = padded(new TextEncoder().encode(text));
  const hash = firstPrimes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const w = new Int32Array(64);
  const view = new DataView(message.buffer);
  for (let block = 0; block < message.length; block += 64) {
    for (let t = 0; t < 16; t++) w[t] = view.getInt32(block + 4 * t);
    for (let t = 16; t < 64; t++) {
      const a = word(w, t - 15);
      const b = word(w, t - 2);
      const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
      const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
      w[t] = (word(w, t - 16) + s0 + word(w, t - 7) + s1) | 0;
    }
    compress(hash, w);
  }
  return hash.map((h) => (h >>> 0).toString(16).padStart(8, "0")).join("");
}

function compress(hash: number[], w: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
  for (let t = 0; t < 64; t++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + (constants[t] ?? 0) + word(w, t)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  for (const [i, x] of [a, b, c, d, e, f, g, h].entries()) hash[i] = ((hash[i] ?? 0) + x) | 0;
}

/** A one, noughts, and the length in bits. */
function padded(bytes: Uint8Array): Uint8Array {
  const length = (((bytes.length + 8) >> 6) + 1) * 64;
  const all = new Uint8Array(length);
  all.set(bytes);
  all[bytes.length] = 0x80;
  const view = new DataView(all.buffer);
  view.setUint32(length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(length - 4, (bytes.length * 8) >>> 0);
  return all;
}

function word(w: Int32Array, i: number): number {
  return w[i] ?? 0;
}

function rotate(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n));
}

/** The first 32 bits behind the point. */
function fraction(x: number): number {
  return Math.floor((x - Math.floor(x)) * 2 ** 32) | 0;
}

const firstPrimes: number[] = [];
for (let n = 2; firstPrimes.length < 64; n++) if (firstPrimes.every((p) => n % p !== 0)) firstPrimes.push(n);

const constants = firstPrimes.map((p) => fraction(Math.cbrt(p)));
