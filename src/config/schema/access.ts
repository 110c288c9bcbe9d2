/** Who may do what, how often, and what is remembered. What is not built yet is accepted as it stands (see inactive.ts). */
import { Type } from '@sinclair/typebox';
import { glob, globs, prefix, words } from './kinds.js';
import { quotas } from './rates.js';

const closed = { additionalProperties: false } as const;

/** Names allowed and denied. */
export const allowDeny = (what: string) =>
  Type.Object(
    {
      allowed: Type.Optional(globs(`${what} to allow. Default: all.`)),
      denied: Type.Optional(globs(`${what} to refuse, also where \`allowed\` fits.`)),
    },
    { ...closed, description: `${what} allowed and denied.` },
  );

export const tenants = Type.Record(
  Type.String(),
  Type.Object(
    {
      servers: Type.Optional(words('Servers the tenant may use. Default: all that are nobody else’s own.')),
      namespace: Type.Optional(prefix('In front of the name of every tool and prompt that it sees.')),
      dedicated: Type.Optional(
        Type.Boolean({
          description: 'Whether its servers are its own: nobody else sees them.',
          default: false,
        }),
      ),
      quotas: Type.Optional(quotas),
    },
    { ...closed, description: 'A tenant.' },
  ),
  { description: 'Tenants, by name.' },
);

export const policies = Type.Array(
  Type.Object(
    {
      tenant: Type.Optional(
        Type.String({ minLength: 1, description: 'The tenant it is about. Default: every caller.' }),
      ),
      roles: Type.Optional(words('It is about callers who have one of these roles. Default: every caller.')),
      servers: Type.Optional(words('The servers it is about. Default: all.')),
      tools: Type.Optional(allowDeny("Tools, by exposed name or by their server's own,")),
      prompts: Type.Optional(allowDeny("Prompts, by exposed name or by their server's own,")),
      resources: Type.Optional(allowDeny('Resource URIs')),
    },
    { ...closed, description: 'An access policy.' },
  ),
  {
    description:
      'Who may have what. What no policy about a caller allows is denied; what one of them denies, too.',
  },
);

export const blockedTools = Type.Array(glob('A tool.'), {
  description:
    "Tools nobody sees or calls, by exposed name or by their server's own, in any case and look-alike script.",
});
