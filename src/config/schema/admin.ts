/** The side for those who look after the gateway: its address, and who may use the console. */
import { Type, type Static } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { duration, oneOf, port, url, words } from './kinds.js';

const closed = { additionalProperties: false } as const;
const text = (description: string) => Type.String({ minLength: 1, description });

const key = text(
  'A secret of at least 16 characters that lets in whoever has it: `openssl rand -base64 32`.',
);
const keyFile = text('A file that holds it.');

const oidc = Type.Object(
  {
    issuer: url('The provider, exactly as its metadata call it.'),
    name: Type.Optional(text('What the button calls it. Default: its host.')),
    client_id: text('The client that the provider knows the gateway as.'),
    client_secret: Type.Optional(text('Its secret; without one it is a public client.')),
    client_secret_file: Type.Optional(text('A file that holds it.')),
    scopes: Type.Optional(words('Scopes to ask for. Default: `openid`, `profile`.')),
    user_claim: Type.Optional(
      text('The claim that says who it is. Default: `preferred_username`, or `sub`.'),
    ),
    tenant_claim: Type.Optional(
      text(
        'A claim that names a tenant: everybody sees what is their tenant’s, and nothing else. Who has none is not let in, but for those of `roles.all_tenants`. Default: none is read, and everybody sees all.',
      ),
    ),
    roles: Type.Object(
      {
        claim: Type.Optional(text('The claim with the roles, or a path such as `realm_access.roles`.')),
        admin: Type.Optional(words('Values that make an admin.')),
        viewer: Type.Optional(words('Values that make a viewer, who may look and do nothing.')),
        all_tenants: Type.Optional(
          words('Values for whom a tenant is not needed: without one they see all. Default: nobody.'),
        ),
      },
      {
        ...closed,
        description:
          'Who may do what; who has none of the values is not let in. Default of `claim`: `roles`.',
      },
    ),
    allowed_hosts: Type.Optional(
      words("Hosts besides the provider's own that its metadata may name although they are private."),
    ),
  },
  {
    ...closed,
    description:
      'Sign-in with an account at an OpenID provider. The redirect URI is `/sign-in/oidc/callback`.',
  },
);

const oneKey = Type.Object(
  {
    name: text('Whom audit and log call it.'),
    key: Type.Optional(key),
    key_file: Type.Optional(keyFile),
    role: Type.Optional(
      oneOf(['admin', 'viewer'], {
        description: 'What it is good for; a viewer may look and do nothing.',
        default: 'admin',
      }),
    ),
    tenant: Type.Optional(text('It shows this tenant’s, and nothing else. Default: all.')),
  },
  { ...closed, description: 'A key.' },
);

export const admin = Type.Object(
  {
    host: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Address to listen on: a loopback one, as probes and metrics ask nobody who they are.',
        default: '127.0.0.1',
      }),
    ),
    port: Type.Optional(port(8081)),
    public_url: Type.Optional(
      url(
        'Scheme, host and port as browsers see them, where a proxy stands in front, e.g. `https://console.example`.',
      ),
    ),
    key: Type.Optional(key),
    key_file: Type.Optional(keyFile),
    keys: Type.Optional(
      Type.Array(oneKey, { maxItems: 100, description: 'Keys for several people or programs.' }),
    ),
    oidc: Type.Optional(oidc),
    session_ttl: Type.Optional(duration('How long a sign-in lasts at most.', limits.adminSessionTtlMs)),
    session_idle: Type.Optional(duration('How long it lasts unused.', limits.adminSessionIdleMs)),
    recent_calls: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        description: 'Calls that are remembered for the console, about 2 KiB each; 0 for none.',
        default: limits.recentCalls,
      }),
    ),
  },
  { ...closed, description: 'Where probes, metrics and the console are served (docs/console.md).' },
);

export type RawAdmin = Static<typeof admin>;
