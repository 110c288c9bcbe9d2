import type { NamedCertificate } from './certificateName.js';

/** A key and its value; in quotes where it holds what separates. */
const pair = /^([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^;,"]*)([;,]|$)/;

/**
 * The certificate that a proxy in front has checked, from the header it tells it with (Envoy's `X-Forwarded-Client-Cert`).
 *
 * Proxies append what they know to what they were sent: the last element is that of the proxy that speaks with us.
 *
 * @returns undefined for a header that can't be read to its end
 */
export const forwardedCertificate = (header: string): NamedCertificate | undefined => {
  let element: Record<string, string[]> = {};
  let rest = header.trim();
  while (rest !== '') {
    const [whole, key = '', value = '', end] = pair.exec(rest) ?? [];
    if (whole === undefined) return undefined;
    (element[key.toLowerCase()] ??= []).push(value.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1'));
    rest = rest.slice(whole.length).trimStart();
    if (end === ',') element = {};
  }
  const { uri = [], dns = [], subject = [] } = element;
  const names = [...uri.map((name) => `URI:${name}`), ...dns.map((name) => `DNS:${name}`)];
  return names.some((name) => /[",]/.test(name))
    ? undefined
    : { subjectAltName: names.join(', '), subject: subject[0] ?? '' };
};
