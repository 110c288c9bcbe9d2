import type { ConsulSettings } from '../../config/consulSettings.js';
import type { McpServerSettings, RestServerSettings, ServerSettings } from '../../config/settings.js';
import { addressOf } from './addressOf.js';
import { aTime, ignored } from './ignored.js';
import { mergeDrafts } from './mergeDrafts.js';
import { policiesOf } from './policiesOf.js';
import { readManifest } from './readManifest.js';
import { millisecondsIn, readMeta, wordsOf, type Meta } from './readMeta.js';
import type { Registration } from './registration.js';
import { toTools } from './toTools.js';

/** What is known of one service. */
export interface ServiceFacts {
  /** Usable instances, the preferred ones first; those behind `standby` of them only stand by. Never empty. */
  readonly instances: readonly Registration[];
  /** How many of them, at the end, are tried only when the others fail. */
  readonly standby: number;
  /** The manifest in KV; undefined for none. */
  readonly manifest: string | undefined;
  /** The key that a registration names for it; undefined where none does. */
  readonly manifestKey?: string | undefined;
  /** False while KV can't be read: there may be one. */
  readonly manifestRead: boolean;
  /** Public keys in PEM, by id. */
  readonly trusted: ReadonlyMap<string, string>;
}

/** A service as a server of the gateway. */
export interface DiscoveredServer {
  readonly settings: ServerSettings;
  /** The gateway's own namespace it belongs to besides the endpoint of all. */
  readonly namespace: string | undefined;
  /** What was left out and why, and what is not done that was asked for. */
  readonly notices: readonly string[];
}

/**
 * A service of Consul as settings of a server, as if somebody had written it into the configuration.
 *
 * The newest registration speaks for all instances.
 *
 * @returns undefined for one that has no address that can be called
 */
export const toServer = (
  name: string,
  facts: ServiceFacts,
  consul: ConsulSettings,
): DiscoveredServer | { readonly settings?: undefined; readonly notices: readonly string[] } => {
  const [first] = facts.instances;
  const speaker = facts.instances.reduce(
    (newest, other) => (other.modifyIndex > newest.modifyIndex ? other : newest),
    first as Registration,
  );
  const { meta } = speaker;
  const addressed = facts.instances.flatMap((instance) => {
    const url = addressOf(instance);
    return url === undefined ? [] : [{ instance, url }];
  });
  const notices = [...noticesOn(meta, facts.instances.length - addressed.length), ...ignoredOf(facts, meta)];
  if (addressed.length === 0) return { notices };
  const manifest = readManifest(facts.manifest);
  const { policies, notice, isLeftOut } = policiesOf(facts, manifest, consul);
  if (notice !== undefined) notices.push(notice);
  if (isLeftOut === true) return { notices };
  const base = {
    ...baseOf(name, addressed, facts.standby, meta, consul),
    ...(policies !== undefined && { policies }),
  };
  const namespace = meta['mcp-namespace'] ?? '';
  const known = { namespace: namespacePattern.test(namespace) ? namespace : undefined };
  if (meta['mcp-type']?.toLowerCase() === 'server') {
    const settings: McpServerSettings = {
      ...base,
      type: 'mcp',
      protocol: 'auto',
      urls: addressed.map(({ instance, url }) => url + endpointPath(instance.meta['mcp-path'])),
    };
    const refused = wantsSignature(meta, consul);
    return refused === undefined
      ? { settings, ...known, notices }
      : { notices: [...notices, `The service is left out: ${refused}`] };
  }
  if (manifest.fault !== undefined) notices.push(`The manifest is left out: ${manifest.fault}`);
  const drafts = mergeDrafts(manifest.tools, readMeta(meta));
  const found = toTools(drafts, {
    speaker,
    trusted: facts.trusted,
    mode: consul.signatures,
    prefix: base.prefix,
  });
  const document = openApiOf(meta, consul, notices);
  const settings: RestServerSettings = {
    ...base,
    type: 'rest',
    urls: addressed.map(({ url }) => url),
    tools: found.tools,
    ...(document !== undefined && { openapi: document }),
    ...(Object.keys(found.rules).length > 0 && { toolRules: found.rules }),
  };
  return { settings, ...known, notices: [...notices, ...found.notices] };
};

const baseOf = (
  name: string,
  addressed: readonly { readonly instance: Registration }[],
  standby: number,
  meta: Readonly<Record<string, string>>,
  { url, headers, timeoutMs, times, listTimeoutMs, balancing }: ConsulSettings,
) => {
  const weights = addressed.map(({ instance }) => weightIn(instance.meta['mcp-weight']) ?? 1);
  const weighted = weights.some((weight) => weight !== 1);
  const include = wordsOf(meta['mcp-promote-include']);
  return {
    name,
    prefix: meta['mcp-toolPrefix'] ?? '',
    timeoutMs: millisecondsIn(meta['mcp-timeout']) ?? timeoutMs,
    ...(times !== undefined && { times }),
    listTimeoutMs,
    ...(include.length > 0 && { include }),
    exclude: wordsOf(meta['mcp-promote-exclude']),
    strategy: weighted ? 'weighted' : 'round-robin',
    namedBy: url,
    headers: headers[name] ?? {},
    // With one instance too: what is known of it has to last while another one comes and goes.
    ...(balancing !== undefined && {
      balancing: {
        ...balancing,
        weights: weighted ? weights : [],
        ...(standby > 0 && { standby }),
      },
    }),
    discovered: aboutOf(addressed, meta),
  } as const;
};

/** What a person who looks at the gateway wants to know of where a server comes from. */
const aboutOf = (
  addressed: readonly { readonly instance: Registration }[],
  meta: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const datacenters = [...new Set(addressed.map(({ instance }) => instance.datacenter))].join(', ');
  const said = {
    datacenters,
    group: meta['group'],
    version: meta['version'],
    state: meta['state'],
    category: meta['mcp-category'],
    policy: meta['opa-rego'] ?? meta['mcp-policy'],
  };
  return Object.fromEntries(
    Object.entries(said).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  );
};

/** An OpenAPI document is no signed manifest: where signatures are asked for, it vouches for nothing. */
const openApiOf = (
  meta: Readonly<Record<string, string>>,
  consul: ConsulSettings,
  notices: string[],
): string | undefined => {
  if (meta['mcp-from-openapi']?.toLowerCase() !== 'true') return undefined;
  const location = meta['open-api'] ?? '';
  const refused = wantsSignature(meta, consul);
  // Only over HTTP: a path would be a file of the gateway's own machine.
  const isUrl = /^https?:\/\//i.test(location) && URL.canParse(location);
  if (isUrl && refused === undefined) return location;
  notices.push(`The OpenAPI document is left out: ${refused ?? '`open-api` is no http or https URL'}`);
  return undefined;
};

const wantsSignature = (
  meta: Readonly<Record<string, string>>,
  { signatures }: ConsulSettings,
): string | undefined =>
  signatures === 'enforce' && meta['mcp-required-signed']?.toLowerCase() === 'true' ? 'unsigned' : undefined;

const noticesOn = (meta: Readonly<Record<string, string>>, withoutAddress: number): string[] => {
  const notices: string[] = [];
  if (withoutAddress > 0)
    notices.push(`${withoutAddress} of its instances have no address that can be called`);
  if ((meta['mcp-forward-auth'] ?? 'false').toLowerCase() !== 'false')
    notices.push(
      '`mcp-forward-auth` is refused: a token of a caller is never sent on. Use token exchange, or a credential of the gateway for this service (`consul.headers`)',
    );
  return notices;
};

/** What namespaces are called in the configuration, too. */
const namespacePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/;

const endpointPath = (path: string | undefined): string => {
  if (path === undefined || path === '') return '/mcp';
  return path.startsWith('/') ? path : `/${path}`;
};

/** Instances weigh the same unless they say otherwise; undefined for what is no weight. */
const weightIn = (text = ''): number | undefined => {
  const weight = Number(text);
  return weight > 0 && weight <= 1000 ? weight : undefined;
};

/** What Meta says that is not understood, and so not done. */
const ignoredOf = (
  { instances, manifest, manifestKey, manifestRead }: ServiceFacts,
  meta: Meta,
): readonly string[] => {
  const weights = new Set(instances.map((instance) => instance.meta['mcp-weight']));
  const said: readonly (readonly [string, string | undefined, (text: string) => unknown, string])[] = [
    ['mcp-timeout', meta['mcp-timeout'], millisecondsIn, aTime],
    ...[...weights].map(
      (weight) => ['mcp-weight', weight, weightIn, 'a number above 0, up to 1000'] as const,
    ),
    [
      'mcp-namespace',
      meta['mcp-namespace'],
      (text) => namespacePattern.test(text),
      'a name of letters, digits, `_` and `-`, up to 40',
    ],
    ['mcp-manifest', manifestKey, () => !manifestRead || manifest !== undefined, 'a key in KV'],
  ];
  return said.flatMap(([key, text = '', understood, what]) =>
    text === '' || understood(text) ? [] : [ignored(`\`${key}\``, text, what)],
  );
};
