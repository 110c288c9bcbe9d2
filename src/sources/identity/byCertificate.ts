import type { MtlsSettings } from '../../config/authSettings.js';
import { headerOf } from '../../protocol/classify.js';
import { anyOf } from '../../protocol/glob.js';
import { certificateName, type NamedCertificate } from '../../protocol/identity/certificateName.js';
import type { ClientCertificate } from '../../protocol/identity/clientCertificate.js';
import { forwardedCertificate } from '../../protocol/identity/forwardedCertificate.js';
import { readAuthorities } from '../../protocol/identity/readAuthorities.js';
import type { Principal } from '../../streams/exchange.js';
import type { Caller } from '../../streams/identify.js';
import { knownPrincipal } from '../../streams/knownPrincipal.js';
import { networkTest } from '../../streams/networkTest.js';
import type { Authenticator } from './authenticator.js';
import { notAccepted } from './notAccepted.js';
import { notKnowable } from './notKnowable.js';

/** Principals kept at hand, by their names; the one made first makes room. */
const maxKnown = 10_000;

/**
 * Callers who show a client certificate: on their own connection, or to a proxy in front that tells of it in a header.
 *
 * > The header is believed from the configured addresses only; from anywhere else it says nothing.
 */
export const byCertificate = (settings: MtlsSettings): Authenticator => {
  const proxies = settings.proxy && networkTest(settings.proxy.addresses);
  const clients = settings.clients.map((client) => ({ ...client, fits: anyOf([client.name]) }));
  const known = new Map<string, Principal>();
  const authorities = new Set(readAuthorities(settings.ca).map(({ subject }) => subject));
  const isUnknowable = ({ unknowable, unlisted = [] }: ClientCertificate): boolean =>
    unknowable === true || unlisted.some((issuer) => authorities.has(issuer));

  const shown = (caller: Caller): NamedCertificate | undefined => {
    if (caller.address !== undefined && proxies?.(caller.address) === true) {
      const header = headerOf(caller.headers, settings.proxy?.header ?? '');
      if (header === undefined || header === '') return undefined;
      const told = forwardedCertificate(header);
      if (told === undefined)
        throw notAccepted('What the proxy tells of the client certificate can not be read');
      return told;
    }
    const { certificate } = caller;
    if (certificate !== undefined && isUnknowable(certificate))
      throw notKnowable('there is no revocation list of the authority that is of use');
    if (certificate?.accepted === false)
      throw notAccepted('The client certificate is not accepted: of another authority, expired or revoked');
    return certificate;
  };

  return ({ caller }) => {
    const certificate = shown(caller);
    if (certificate === undefined) return undefined;
    const named = certificateName(certificate, settings.names);
    if (named === undefined) throw notAccepted('The client certificate has no name that could be used');
    const { kind, name } = named;
    const id = `certificate ${kind} ${name}`;
    const found = known.get(id);
    if (found !== undefined) return found;
    const { tenant, scopes = [], roles = [] } = clients.find(({ fits }) => fits(name)) ?? {};
    const principal = knownPrincipal({
      id,
      method: 'mtls',
      user: name,
      clientId: name,
      tenant,
      scopes,
      roles,
    });
    const [first] = known.keys();
    if (known.size >= maxKnown && first !== undefined) known.delete(first);
    known.set(id, principal);
    return principal;
  };
};
