/**
 * The kinds of scalars a configuration is made of, as TypeBox schemas. Their `title` names the kind: messages and the documentation
 * speak about it through {@link kinds}. Formats are checked by us (validate.ts); editors, which do not know them, rely on `pattern`.
 */
import { Type, type TUnsafe } from '@sinclair/typebox';
import { sizePattern } from '../bytes.js';
import { limits } from '../limits.js';
import { durationPattern } from '../milliseconds.js';

/** Kind → how messages finish “must be …”, and the remedy they give. */
export const kinds: Readonly<Record<string, { readonly is: string; readonly remedy: string }>> = {
  duration: {
    is: 'a duration longer than 0, at most 24 days',
    remedy: 'Write `500ms`, `30s`, `5m`, `1h`, or a number of seconds',
  },
  'duration or 0': {
    is: 'a duration of at most 24 days',
    remedy: 'Write `500ms`, `30s`, `5m`, `1h`, a number of seconds, or 0',
  },
  share: { is: 'a number above 0, at most 1', remedy: 'Write `0.2` for a fifth' },
  'share or 0': { is: 'a number from 0 to 1', remedy: 'Write `0.2` for a fifth, 0 for none' },
  size: { is: 'a size from 1 byte to 1 GiB', remedy: 'Write `4MiB`, `64KiB`, or a number of bytes' },
  'large size': { is: 'a size from 1 MiB to 99999 GiB', remedy: 'Write `500MiB` or `20GiB`' },
  days: { is: 'a number of days', remedy: 'Write `90d`' },
  rate: { is: 'a rate', remedy: 'Write `100/min`, or a number per `s`, `h` or `day`' },
  glob: {
    is: 'a name in which * stands for any characters and ? for one',
    remedy: 'Use no other wildcards than * and ?, and no spaces',
  },
  url: {
    is: 'an http:// or https:// URL without user, password and fragment',
    remedy: 'Write `http://host:port/path`; credentials go under `headers`',
  },
  'DNS name': {
    is: 'a host name, or one of SRV records',
    remedy: 'Write `_mcp._tcp.search.internal`: labels of letters, digits, - and _, with dots between them',
  },
  resolver: {
    is: 'the IP address of a DNS server, perhaps with a port',
    remedy: 'Write `10.0.0.2`, `127.0.0.1:5353`, or `[::1]:5353`',
  },
  host: {
    is: 'a host name, an IP address or a network',
    remedy: 'Write `login.internal`, `*.internal` for all below, `10.1.2.3`, or `10.0.0.0/8`',
  },
  network: {
    is: 'an IP address, or a network of them',
    remedy: 'Write `10.0.0.7`, `10.0.0.0/8`, or `fd00::/8`',
  },
  name: {
    is: 'a name of at most 40 letters, digits, _ and -, the first a letter or digit',
    remedy: 'Rename it',
  },
  'tool name': {
    is: 'a name of at most 64 letters, digits, _, . and -',
    remedy: 'Rename it',
  },
  prefix: {
    is: 'at most 40 letters, digits, _ and -',
    remedy: 'Write "" for no prefix',
  },
  separator: { is: 'one to three letters, digits, _ or -', remedy: 'Write `_`, `__` or `-`' },
  'path template': {
    is: 'a path such as /orders/{id}: first a /, no spaces, no #, braces in pairs',
    remedy: 'Name arguments in braces; arguments for the query string go under `query`',
  },
  'endpoint path': {
    is: 'a path such as /mcp, beginning with / and not ending with it',
    remedy: 'Use letters, digits, and any of - . _ ~ between the slashes',
  },
  'header name': { is: 'a header name', remedy: 'Use letters, digits and -' },
  'state key': {
    is: 'a secret of at least 32 bytes, as hex, base64 or base64url',
    remedy: 'Make one with `openssl rand -base64 32`',
  },
  'header value': {
    is: 'text without line breaks and control characters',
    remedy: 'Remove them; a value from a file often ends in a line break',
  },
};

interface Meta<T> {
  readonly description: string;
  readonly default?: T;
}

const text = (title: string, meta: Meta<string>, rules: object): TUnsafe<string> =>
  Type.Unsafe<string>({ type: 'string', title, ...meta, ...rules });

const amount = (title: string, description: string, byDefault: string | undefined, rules: object) =>
  Type.Unsafe<string | number>({
    type: ['string', 'number'],
    title,
    description,
    ...(byDefault !== undefined && { default: byDefault }),
    ...rules,
  });

/** A duration; `byDefault` in milliseconds. */
export const duration = (description: string, byDefault?: number): TUnsafe<string | number> =>
  amount('duration', description, byDefault === undefined ? undefined : durationText(byDefault), {
    pattern: durationPattern,
    format: 'sluice-duration',
    exclusiveMinimum: 0,
    maximum: Math.floor(limits.maxDurationMs / 1000),
  });

/** A duration that may be nothing at all; `byDefault` in milliseconds. */
export const durationOrZero = (description: string, byDefault: number): TUnsafe<string | number> =>
  amount('duration or 0', description, durationText(byDefault), {
    pattern: durationPattern,
    format: 'sluice-duration-or-zero',
    minimum: 0,
    maximum: Math.floor(limits.maxDurationMs / 1000),
  });

/** A whole number from 1 to `maximum`. */
export const count = (description: string, byDefault: number, maximum: number) =>
  Type.Integer({ minimum: 1, maximum, description, default: byDefault });

/** A part of a whole, above 0. */
export const share = (description: string, byDefault: number) =>
  Type.Number({ title: 'share', exclusiveMinimum: 0, maximum: 1, description, default: byDefault });

/** A part of a whole that may be none of it. */
export const shareOrZero = (description: string, byDefault: number) =>
  Type.Number({ title: 'share or 0', minimum: 0, maximum: 1, description, default: byDefault });

/** A size; `byDefault` in bytes. */
export const size = (description: string, byDefault: number): TUnsafe<string | number> =>
  amount('size', description, sizeText(byDefault), {
    pattern: sizePattern,
    format: 'sluice-size',
    minimum: 1,
    maximum: limits.maxSizeBytes,
  });

/** What files on a disk may take; `byDefault` in bytes. */
export const largeSize = (description: string, byDefault: number): TUnsafe<string> =>
  text(
    'large size',
    { description, default: `${byDefault / 1024 ** 3}GiB` },
    { pattern: '^[1-9][0-9]{0,4}(MiB|GiB)$' },
  );

/** Some days; `byDefault` in days. */
export const days = (description: string, byDefault: number): TUnsafe<string> =>
  text('days', { description, default: `${byDefault}d` }, { pattern: '^[1-9][0-9]{0,4}d$' });

const sizeText = (bytes: number): string =>
  bytes % 1024 ** 2 === 0 ? `${bytes / 1024 ** 2}MiB` : `${bytes / 1024}KiB`;

const durationText = (ms: number): string => {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
};

/** One of some words. */
export const oneOf = <const T extends string>(words: readonly T[], meta: Meta<NoInfer<T>>): TUnsafe<T> =>
  Type.Unsafe<T>({ type: 'string', enum: words, ...meta });

export const rate = (description: string): TUnsafe<string> =>
  text('rate', { description }, { pattern: '^[1-9][0-9]{0,8}/(s|sec|second|min|minute|h|hour|day)$' });

export const glob = (description: string): TUnsafe<string> =>
  text('glob', { description }, { format: 'sluice-glob' });

export const globs = (description: string) => Type.Array(glob('A pattern.'), { description });

export const url = (description: string): TUnsafe<string> =>
  text('url', { description }, { pattern: '^[Hh][Tt][Tt][Pp][Ss]?://', format: 'sluice-url' });

export const dnsName = (description: string): TUnsafe<string> =>
  text(
    'DNS name',
    { description },
    { pattern: '^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\\.?)+$', maxLength: 253 },
  );

export const resolver = (description: string): TUnsafe<string> =>
  text('resolver', { description }, { format: 'sluice-resolver' });

export const hosts = (description: string) =>
  Type.Array(text('host', { description: 'A host.' }, { format: 'sluice-host' }), { description });

export const networks = (description: string) =>
  Type.Array(text('network', { description: 'An address or network.' }, { format: 'sluice-network' }), {
    description,
  });

export const separator = (meta: Meta<string>): TUnsafe<string> =>
  text('separator', meta, { pattern: '^[A-Za-z0-9_-]{1,3}$' });

export const prefix = (description: string): TUnsafe<string> =>
  text('prefix', { description }, { pattern: '^[A-Za-z0-9_-]{0,40}$' });

export const pathTemplate = (description: string): TUnsafe<string> =>
  text('path template', { description }, { pattern: '^/', format: 'sluice-path-template' });

export const endpointPath = (meta: Meta<string>): TUnsafe<string> =>
  text('endpoint path', meta, { pattern: '^(/[A-Za-z0-9._~-]+)+$' });

export const headerName = (description: string): TUnsafe<string> =>
  text('header name', { description }, { pattern: headerPattern });

export const headerValue = (description: string): TUnsafe<string> =>
  text('header value', { description }, { format: 'sluice-header-value' });

export const stateKey = (description: string): TUnsafe<string> =>
  text('state key', { description }, { format: 'sluice-state-key' });

/** What map keys look like, by the kind their map's title names. */
export const namePattern = '^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$';
export const toolNamePattern = '^[A-Za-z0-9_.-]{1,64}$';
export const headerPattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

/** A port; 0 lets the system choose a free one. */
export const port = (byDefault: number) =>
  Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: byDefault,
    description: 'TCP port; 0 for any free one.',
  });

export const words = (description: string) => Type.Array(Type.String({ minLength: 1 }), { description });
