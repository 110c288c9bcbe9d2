/** Who callers are: tokens, keys, certificates. */
import { Type, type Static } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { duration, durationOrZero, glob, headerName, networks, oneOf, url, words } from './kinds.js';

const closed = { additionalProperties: false } as const;
const text = (description: string) => Type.String({ minLength: 1, description });
const scope = Type.Unsafe<string>({
  type: 'string',
  pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$',
  description: 'A scope.',
});
export const scopes = (description: string) => Type.Array(scope, { description });

/** Asymmetric ones by default; `none` is not among them, and never will be. */
const algorithm = oneOf(
  [
    ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
    ...['HS256', 'HS384', 'HS512'],
  ],
  { description: 'An algorithm of JWS.' },
);

const introspection = Type.Object(
  {
    client_id: text('Whom the gateway is to the issuer.'),
    client_secret: Type.Optional(text('Its secret.')),
    client_secret_file: Type.Optional(text('Or a file with it, read again when it changes.')),
    url: Type.Optional(url('The endpoint. Default: as the metadata of the issuer say.')),
    mode: Type.Optional(
      oneOf(['opaque', 'always'], {
        description:
          '`opaque`: only for tokens that are no JWTs; `always`: for all, so that revoked ones are refused.',
        default: 'opaque',
      }),
    ),
    cache: Type.Optional(duration('How long an answer is believed.', limits.introspectionCacheMs)),
    token_prefix: Type.Optional(
      text(
        'How its opaque tokens begin: no other is shown to it, and these to no other issuer. Default: it is asked about all that nobody claims.',
      ),
    ),
  },
  { ...closed, description: 'Asks the issuer whether a token is valid (RFC 7662).' },
);

const claims = Type.Object(
  {
    user: Type.Optional(text('Who it is. Default: `sub`.')),
    client: Type.Optional(text('The OAuth client. Default: `client_id`, or `azp`.')),
    tenant: Type.Optional(text('The tenant. Default: `tenant`.')),
    roles: Type.Optional(text('Roles, a list. Default: `roles`.')),
    scopes: Type.Optional(text('Scopes, a list or words in a text. Default: `scope`, or `scp`.')),
  },
  {
    ...closed,
    description: 'Where the claims are that matter: names, or paths such as `realm_access.roles`.',
  },
);

const signIn = Type.Object(
  {
    client_id: text(
      'The gateway as it is registered there, with `{public_url}/connect/signed-in` to come back to.',
    ),
    client_secret: Type.Optional(text('Its secret.')),
    client_secret_file: Type.Optional(text('Or a file with it, read again when it changes.')),
  },
  {
    ...closed,
    description:
      'Lets persons with tokens of this issuer show at a browser who they are (OpenID Connect), for servers with `grant: per_user`.',
  },
);

const issuer = Type.Object(
  {
    issuer: url('The issuer, exactly as in its tokens.'),
    audience: Type.Optional(
      Type.Union(
        [text('The audience.'), Type.Array(text('An audience.'), { minItems: 1, description: 'Audiences.' })],
        {
          description:
            'The audience tokens must name, or several of which they must name one. Default: the URL of the route that is called.',
        },
      ),
    ),
    algorithms: Type.Optional(
      Type.Array(algorithm, {
        minItems: 1,
        description:
          'Accepted algorithms. Default: all asymmetric ones; with `secret` HS256, HS384 and HS512.',
      }),
    ),
    jwks_uri: Type.Optional(url("Where its keys are. Default: as the issuer's metadata say.")),
    secret: Type.Optional(
      text('A secret shared with the issuer, at least 32 bytes, instead of published keys.'),
    ),
    secret_file: Type.Optional(text('A file that holds it.')),
    public_key: Type.Optional(text("The issuer's public key in PEM, instead of published ones.")),
    public_key_file: Type.Optional(text('A file that holds it.')),
    introspection: Type.Optional(introspection),
    allowed_hosts: Type.Optional(
      words("Hosts besides the issuer's own that its metadata may name although they are private."),
    ),
    clock_skew: Type.Optional(durationOrZero('How far clocks may differ.', limits.clockSkewMs)),
    claims: Type.Optional(claims),
    sign_in: Type.Optional(signIn),
  },
  { ...closed, description: 'An issuer of tokens.' },
);

const certified = Type.Object(
  {
    name: glob('The name in the certificate.'),
    tenant: Type.Optional(text('Its tenant.')),
    scopes: Type.Optional(scopes('Its scopes.')),
    roles: Type.Optional(words('Its roles.')),
  },
  { ...closed, description: 'What is known of a client.' },
);

const mtls = Type.Object(
  {
    ca: text('File of the certificate authorities, PEM.'),
    crl: Type.Optional(text('File of the revocation lists, PEM; one for each authority.')),
    mode: Type.Optional(
      oneOf(['optional', 'required'], {
        description: 'Whether a certificate is needed.',
        default: 'optional',
      }),
    ),
    names: Type.Optional(
      Type.Array(oneOf(['uri', 'dns', 'subject'], { description: 'A kind of name.' }), {
        minItems: 1,
        description:
          'Where the name of a client is read, in this order. Default: uri (SPIFFE), dns, subject (CN).',
      }),
    ),
    proxy: Type.Optional(
      Type.Object(
        {
          addresses: networks('Where it connects from. From elsewhere the header is nothing.'),
          header: Type.Optional(headerName("The header. Default: Envoy's `x-forwarded-client-cert`.")),
        },
        {
          ...closed,
          description: 'A proxy in front that has checked the certificate and tells it in a header.',
        },
      ),
    ),
    clients: Type.Optional(
      Type.Array(certified, { description: 'What is known of some, the first that fits.' }),
    ),
  },
  { ...closed, description: 'Client certificates. Needs `listen.tls`, or a `proxy`.' },
);

export const auth = Type.Object(
  {
    order: Type.Optional(
      Type.Array(oneOf(['jwt', 'api_keys', 'mtls'], { description: 'A kind of credential.' }), {
        minItems: 1,
        uniqueItems: true,
        description: 'Which credential decides where a caller shows several. Default: jwt, api_keys, mtls.',
      }),
    ),
    scopes: Type.Optional(
      Type.Object(
        {
          required: Type.Optional(scopes('Scopes that every caller needs.')),
          supported: Type.Optional(scopes('Further ones to tell clients of.')),
          implies: Type.Optional(
            Type.Record(Type.String(), scopes('Narrow scopes.'), {
              description: 'Which broad scopes include which narrow ones.',
            }),
          ),
        },
        { ...closed, description: 'Scopes of the whole gateway; servers and tools may need more.' },
      ),
    ),
    jwt: Type.Optional(
      Type.Object(
        { issuers: Type.Array(issuer, { minItems: 1, description: 'Issuers whose tokens are accepted.' }) },
        { ...closed, description: 'OAuth 2 / OIDC bearer tokens.' },
      ),
    ),
    api_keys: Type.Optional(
      Type.Object(
        {
          file: text('File of hashed keys; see `sluice keys`. It is read again when it changes.'),
          sign_in: Type.Optional(
            Type.Boolean({
              description:
                'Whether who holds a key may type it into a page of the gateway to show who they are, for servers with `grant: per_user`.',
              default: false,
            }),
          ),
        },
        { ...closed, description: 'API keys.' },
      ),
    ),
    mtls: Type.Optional(mtls),
    max_failures: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'Credentials of one address that may be refused in a minute; beyond that its new ones are not looked at. 0 for no limit.',
        default: limits.authFailures,
      }),
    ),
  },
  { ...closed, description: 'Authentication. Without it the gateway listens on loopback only.' },
);

export type RawAuth = Static<typeof auth>;
