/** The texts of a server's own headers that must never be seen by a client, the longest first: whole values and their words. */
export const secretsOf = (headers: Readonly<Record<string, string>>): readonly string[] => {
  const secrets = new Set<string>();
  for (const value of Object.values(headers)) {
    secrets.add(value);
    // `Bearer x` is mostly echoed as `x`. Short words (`Bearer`, a version) are no secrets.
    for (const word of value.split(/\s+/)) if (word.length >= 8) secrets.add(word);
  }
  return [...secrets].sort((one, other) => other.length - one.length);
};
