/** Bytes as text in the charset an answer names; a byte order mark is left out, broken bytes become U+FFFD. */
export const decodeText = (bytes: Buffer, charset: string): string => {
  if (charset !== 'utf-8') return new TextDecoder(charset).decode(bytes);
  const marked = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.toString('utf8', 3) : bytes.toString('utf8');
};
