/**
 * When the first of some revocation lists runs out (`nextUpdate`: RFC 5280, 5.1): after that nobody can say who is revoked, and no
 * certificate of that authority is accepted.
 *
 * @param pem the lists, in PEM
 * @returns epoch milliseconds; undefined where no list says when
 */
export const revocationEnd = (pem: string): number | undefined => {
  const ends = [
    ...pem.matchAll(/-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g),
  ].flatMap(([, body = '']) => nextUpdate(Buffer.from(body, 'base64')) ?? []);
  return ends.length === 0 ? undefined : Math.min(...ends);
};

/** A value of DER: where its content begins and ends. */
interface Value {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

const sequence = 0x30;
const integer = 0x02;
const utcTime = 0x17;
const generalizedTime = 0x18;

const nextUpdate = (der: Buffer): number | undefined => {
  const list = valueAt(der, 0);
  const signed = list && valueAt(der, list.start);
  if (signed?.tag !== sequence) return undefined;
  // TBSCertList: version (which may be missing), algorithm, issuer, thisUpdate, nextUpdate (which may be missing)
  const first = valueAt(der, signed.start);
  let next = first?.tag === integer ? valueAt(der, first.end) : first;
  for (let skipped = 0; next !== undefined && skipped < 3; skipped++) next = valueAt(der, next.end);
  return next === undefined || next.end > signed.end ? undefined : timeOf(der, next);
};

const valueAt = (der: Buffer, at: number): Value | undefined => {
  const [tag, first] = [der[at], der[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const bytes = first & 0x7f;
  if (bytes === 0 || bytes > 4 || at + 2 + bytes > der.length) return undefined;
  const start = at + 2 + bytes;
  return { tag, start, end: start + der.readUIntBE(at + 2, bytes) };
};

/** `YYMMDDHHMMSSZ` up to 2049, `YYYYMMDDHHMMSSZ` from then on (RFC 5280, 5.1.2.4). */
const timeOf = (der: Buffer, { tag, start, end }: Value): number | undefined => {
  if (tag !== utcTime && tag !== generalizedTime) return undefined;
  const text = der.toString('latin1', start, end);
  const full = tag === generalizedTime ? text : `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}`;
  const time = Date.parse(full.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(time) ? undefined : time;
};
