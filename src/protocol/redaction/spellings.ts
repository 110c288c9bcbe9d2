/**
 * Secrets in the forms in which a server may repeat them, the longest first: as they are, with slashes escaped as some writers of JSON do,
 * escaped as in a URL.
 */
export const spellings = (secrets: Iterable<string>): readonly string[] => {
  const forms = new Set<string>();
  for (const secret of secrets) {
    forms.add(secret);
    forms.add(secret.replaceAll('/', '\\/'));
    // Others might be half a pair of surrogates, which no URL can hold.
    if (/^[\x20-\x7e]*$/.test(secret)) forms.add(encodeURIComponent(secret));
  }
  return [...forms].sort((one, other) => other.length - one.length);
};
