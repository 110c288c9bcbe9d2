/** FNV-1a over the code units of a text: 32 bits, unsigned. Not for anything that somebody might want to forge. */
export const hash = (text: string): number => {
  let bits = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    bits ^= text.charCodeAt(index);
    bits = Math.imul(bits, 0x01000193);
  }
  return mix(bits);
};

/** Spreads the bits of a number over all 32 (the finalizer of MurmurHash 3). */
export const mix = (value: number): number => {
  let bits = value;
  bits ^= bits >>> 16;
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  bits ^= bits >>> 16;
  return bits >>> 0;
};
