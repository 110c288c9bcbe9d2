/** How the gateway gets tokens for its upstream MCP servers. Names are those of the OAuth standards. */
import { Type } from '@sinclair/typebox';
import { oneOf, url, words } from './kinds.js';

const closed = { additionalProperties: false } as const;

const text = (description: string) => Type.String({ minLength: 1, description });

/** The `oauth` of one server. */
export const serverOauth = Type.Object(
  {
    grant: Type.Optional(
      oneOf(['authorization_code', 'per_user', 'client_credentials', 'token_exchange', 'id_jag'], {
        description:
          'Whose tokens. `authorization_code`: those of a person who authorizes the gateway once, by `sluice authorize NAME`. `per_user`: each caller’s, who is asked to authorize the gateway at a browser when first needed. `client_credentials`: the gateway is a client of its own. `token_exchange`: each caller’s, for the token it came with (RFC 8693). `id_jag`: the same, by way of an identity provider that vouches for the caller (SEP-990).',
        default: 'authorization_code',
      }),
    ),
    issuer: Type.Optional(
      url('The authorization server to use, as it names itself. Default: the one the server names.'),
    ),
    client_id: Type.Optional(text('A client registered beforehand. Default: the gateway registers itself.')),
    client_secret: Type.Optional(text('Its secret.')),
    client_secret_file: Type.Optional(text('Or a file with it, read again when it changes.')),
    private_key_file: Type.Optional(text('A file with its private key.')),
    private_key: Type.Optional(
      text(
        'Instead of a secret: its private key (PKCS#8 in PEM; P-256, RSA or Ed25519), for `private_key_jwt`.',
      ),
    ),
    client_metadata_url: Type.Optional(
      url(
        'A client ID metadata document (CIMD) that names the gateway, for authorization servers that take one.',
      ),
    ),
    token_endpoint_auth_method: Type.Optional(
      oneOf(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'], {
        description: 'How the client proves its identity. Default: what the authorization server knows.',
      }),
    ),
    audience: Type.Optional(
      text(
        '`audience` to ask for a token with, as the authorization server calls the server. Not for `authorization_code` and `per_user`.',
      ),
    ),
    resource: Type.Optional(
      text(
        '`resource` to ask for a token with (RFC 8707). Default: the address of an MCP server, unless there is an `audience`.',
      ),
    ),
    subject_token_type: Type.Optional(
      oneOf(['access_token', 'id_token', 'jwt'], {
        description: 'What callers come with, for `token_exchange` and `id_jag`.',
        default: 'access_token',
      }),
    ),
    idp: Type.Optional(
      Type.Object(
        {
          issuer: url('The identity provider, as it names itself.'),
          client_id: text('The gateway as it is registered there.'),
          client_secret: Type.Optional(text('Its secret.')),
          client_secret_file: Type.Optional(text('Or a file with it.')),
          private_key_file: Type.Optional(text('A file with its private key.')),
          private_key: Type.Optional(text('Instead of a secret: its private key, PKCS#8 in PEM.')),
        },
        { ...closed, description: 'With `id_jag`: where callers log in.' },
      ),
    ),
    scopes: Type.Optional(
      words('Scopes to ask for, these and no others. Default: those the server asks for.'),
    ),
    redirect_uri: Type.Optional(
      url(
        'Where the browser comes back to, on loopback, e.g. `http://127.0.0.1:8765/callback`. Default: any free port.',
      ),
    ),
    allowed_hosts: Type.Optional(
      words(
        'Hosts of authorization servers that are used although they are not https or stand in a private network.',
      ),
    ),
  },
  {
    ...closed,
    description:
      'The server wants tokens: how the gateway gets them. `{}` finds out everything and registers the gateway.',
  },
);

/** The `oauth` of the gateway. */
export const oauth = Type.Object(
  {
    state: Type.Optional(
      text(
        'File with the tokens of servers, sealed with `state.keys` if there are any. Default: `sluice/oauth.json` in the user’s folder for state (`~/.local/state`).',
      ),
    ),
  },
  { ...closed, description: 'The gateway as a client of its servers’ authorization servers.' },
);
