import { hash } from 'node:crypto';
import { Counter, type Registry } from 'prom-client';
import type { AuthSettings, IssuerSettings } from '../config/authSettings.js';
import type { Settings } from '../config/settings.js';
import { anonymous } from '../operators/authenticate.js';
import type { Admission } from '../operators/confirmScopes.js';
import { resourceUrl } from '../protocol/identity/resourceUrl.js';
import { byApiKey } from '../sources/identity/byApiKey.js';
import { byCertificate } from '../sources/identity/byCertificate.js';
import { byToken } from '../sources/identity/byToken.js';
import { challenged } from '../sources/identity/challenged.js';
import { countFailures, type CountFailuresOptions } from '../sources/identity/countFailures.js';
import { failureReasons } from '../sources/identity/failureReasons.js';
import { Failures } from '../sources/identity/failures.js';
import { identification, type IdentificationOptions } from '../sources/identity/identification.js';
import { IssuerKeys } from '../sources/identity/issuerKeys.js';
import { Proofs } from '../sources/identity/proofs.js';
import { TokenChecker } from '../sources/identity/tokenChecker.js';
import { clientAddress } from '../streams/clientAddress.js';
import type { Counters } from '../streams/counters.js';
import type { Caller, Identify } from '../streams/identify.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import { packed } from './workers/packed.js';
import { perSettings } from './perSettings.js';
import { publicOrigin } from './publicOrigin.js';

/** Finds out who calls, following the configuration. */
export interface Identifying {
  readonly identify: Identify;
  readonly admission: () => Admission | undefined;
  /** Counts somebody who was not let in before there was a request. */
  readonly failed: CountFailuresOptions['failed'];
  close(): void;
}

/**
 * Wires the ways to say who one is to the settings of the moment.
 *
 * What was found out of tokens is kept as long as the configuration of `auth` is, whatever discovery adds beside it; the keys of an
 * issuer are kept beyond that, so that an edit does not depend on the issuer being there.
 *
 * @param counters remember for all processes and instances which proofs of possession were used
 */
export const identifying = (
  settings: Latest<Settings>,
  log: Log,
  registry: Registry,
  counters: Counters,
): Identifying => {
  const failed = failureCounter(registry);
  const failures = new Failures();
  const keys = new Map<string, IssuerKeys>();
  const proofs = new Proofs(counters);
  const rules = () => settings.current.network;
  const keysOf = (issuer: IssuerSettings): IssuerKeys => {
    const name = JSON.stringify([issuer.issuer, issuer.jwksUri, issuer.allowedHosts]);
    let found = keys.get(name);
    if (found === undefined) keys.set(name, (found = new IssuerKeys(issuer, tell(log), rules)));
    return found;
  };
  const methodsOf = memo((auth: AuthSettings): IdentificationOptions['methods'] => ({
    ...(auth.issuers.length > 0 && { jwt: byToken(new TokenChecker(auth.issuers, keysOf), proofs) }),
    ...(auth.apiKeys !== undefined && { api_keys: byApiKey(auth.apiKeys) }),
    ...(auth.mtls !== undefined && { mtls: byCertificate(auth.mtls) }),
  }));
  const current = perSettings(settings, (now): Current => {
    const { auth, listen } = now;
    if (auth === undefined) return { identify: () => anonymous, admission: undefined };
    const originOf = publicOrigin(now);
    const routeOf = ({ headers, namespace }: Caller) => {
      const origin = originOf(headers);
      return { origin, ...resourceUrl(origin, listen.path, namespace) };
    };
    return {
      identify: countFailures(
        identification({
          auth,
          methods: methodsOf(auth),
          routeOf,
          isOpen: openRoutes(now),
          stranger: anonymous,
        }),
        { failures, max: auth.maxFailures, addressOf: clientAddress(now.http.trustedProxies), failed },
      ),
      admission: {
        requiredScopes: auth.requiredScopes,
        impliedScopes: auth.impliedScopes,
        challenged: (error, caller, scopes) =>
          challenged(error, {
            route: routeOf(caller),
            auth,
            proving: caller.headers['dpop'] !== undefined,
            scopes,
          }),
      },
    };
  });
  return {
    identify: (caller) => current.current.identify(caller),
    admission: () => current.current.admission,
    failed,
    close() {
      for (const each of keys.values()) each.close();
    },
  };
};

/** Counts who was not let in, by why: a few words of ours, none of a client's. */
const failureCounter = (registry: Registry): CountFailuresOptions['failed'] => {
  const counter = new Counter({
    name: 'mcp_gateway_auth_failures_total',
    help: 'Callers who were not let in, by why.',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const reason of Object.values(failureReasons)) counter.inc({ reason }, 0);
  return (reason) => counter.inc({ reason });
};

interface Current {
  readonly identify: Identify;
  readonly admission: Admission | undefined;
}

/** Routes with a server behind them that wants nobody's name. Where there are tenants, who has none has nothing. */
const openRoutes = ({ servers, namespaces, access: rules }: Settings): IdentificationOptions['isOpen'] => {
  if (rules?.tenants !== undefined) return () => false;
  const open = new Set(
    servers.filter(({ access }) => access?.authRequired === false).map(({ name }) => name),
  );
  const names = new Set(
    namespaces
      .filter((namespace) => namespace.servers.some((name) => open.has(name)))
      .map(({ name }) => name),
  );
  return (namespace) => (namespace === undefined ? open.size > 0 : names.has(namespace));
};

const tell =
  (log: Log) =>
  (issuer: string, failure: string | undefined): void => {
    if (failure === undefined)
      log.info({ event: 'issuer_back', issuer }, 'The issuer of tokens answers again');
    else
      log.warn(
        { event: 'issuer_failed', issuer, reason: failure },
        'The issuer of tokens does not answer: tokens that are not known yet can not be checked',
      );
  };

/** The last result, while the argument is the same, or says the same: a worker is given new objects whenever anything changes. */
const memo = <R>(make: (from: AuthSettings) => R): ((from: AuthSettings) => R) => {
  let last: { readonly from: AuthSettings; readonly text: string; readonly to: R } | undefined;
  return (from) => {
    if (last?.from === from) return last.to;
    const text = textOf(from);
    last = { from, text, to: last?.text === text ? last.to : make(from) };
    return last.to;
  };
};

/** A hash, because it has secrets in it. */
const textOf = (auth: AuthSettings): string => hash('sha256', JSON.stringify(packed.pack(auth)));
