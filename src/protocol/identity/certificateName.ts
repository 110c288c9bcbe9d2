/** What a certificate says of whom it belongs to. */
export interface NamedCertificate {
  /** As Node writes it: `URI:spiffe://…, DNS:…`. */
  readonly subjectAltName: string | undefined;
  /** As Node writes it, one `CN=…` a line; or with commas between, as proxies write it. */
  readonly subject: string;
}

/** Where a certificate's name can be read. */
export type NameKind = 'uri' | 'dns' | 'subject';

/** Entries with odd characters are quoted like JSON strings. */
const entry = /(URI|DNS|[A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy;

/** The names of one kind among a certificate's alternative names. */
const alternativeNames = (text: string, kind: 'URI' | 'DNS'): readonly string[] =>
  [...text.matchAll(entry)].flatMap(([, found, value = '']) =>
    found === kind && value !== '' && !value.startsWith('"') ? [value] : [],
  );

/**
 * The name of whoever a certificate belongs to, by the first kind that it has one of.
 *
 * One that has several of a kind is ambiguous and has none of it, but for SPIFFE, whose ids stand alone by definition
 * (X.509-SVID, 2: exactly one URI).
 */
export const certificateName = (
  { subjectAltName = '', subject }: NamedCertificate,
  kinds: readonly NameKind[],
): { readonly kind: NameKind; readonly name: string } | undefined => {
  for (const kind of kinds) {
    const names =
      kind === 'subject'
        ? commonNames(subject)
        : alternativeNames(subjectAltName, kind === 'uri' ? 'URI' : 'DNS');
    const [name, second] = names;
    if (name !== undefined && second === undefined && name.length <= 512) return { kind, name };
  }
  return undefined;
};

const commonNames = (subject: string): readonly string[] =>
  subject.split(/\n|,(?=[A-Za-z]+=)/).flatMap((part) => {
    const [, name] = /^\s*CN=(.+)$/.exec(part) ?? [];
    return name === undefined ? [] : [name];
  });
