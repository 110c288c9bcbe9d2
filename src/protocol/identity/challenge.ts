/** What a `WWW-Authenticate` header says (RFC 6750, 3; RFC 9728, 5.1; RFC 9449, 7.1). */
export interface ChallengeParts {
  readonly scheme?: 'Bearer' | 'DPoP';
  readonly error?: string | undefined;
  readonly description?: string | undefined;
  /** All scopes that are needed, not only those that are missing. */
  readonly scopes?: readonly string[];
  /** Where the metadata of the resource is; undefined where there is no authorization server to be found. */
  readonly resourceMetadata?: string | undefined;
  /** Signature algorithms of a proof of possession. */
  readonly algorithms?: readonly string[];
}

/** A challenge as the header's value. */
export const challenge = (parts: ChallengeParts): string => {
  const { scheme = 'Bearer', error, description, scopes = [], resourceMetadata, algorithms = [] } = parts;
  const parameters = [
    ['realm', 'sluice'],
    ['resource_metadata', resourceMetadata],
    ['scope', scopes.length === 0 ? undefined : scopes.join(' ')],
    ['error', error],
    ['error_description', description],
    ['algs', algorithms.length === 0 ? undefined : algorithms.join(' ')],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${quoted(value)}"`]));
  return `${scheme} ${parameters.join(', ')}`;
};

/** Only what a quoted string may hold: our own words, and URLs and scopes of the configuration. */
const quoted = (text: string): string => text.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '\\$&');
