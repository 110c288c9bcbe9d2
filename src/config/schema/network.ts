import { Type } from '@sinclair/typebox';
import { hosts, oneOf } from './kinds.js';

/** Where the gateway goes because somebody else than the file names an address. */
export const network = Type.Object(
  {
    private: Type.Optional(
      oneOf(['origin', 'allow', 'deny'], {
        description:
          'Whether addresses in private networks and on loopback may be named by others than this file: by those who are in such a network themselves (`origin`), by all, by nobody.',
        default: 'origin',
      }),
    ),
    allowed: Type.Optional(hosts('Hosts, addresses and networks that anybody may name.')),
    denied: Type.Optional(
      hosts('Hosts, addresses and networks that no server is called at, whoever names them.'),
    ),
  },
  {
    additionalProperties: false,
    description:
      'Where the gateway may be led by what others say: registrations in Consul, OAuth and OpenAPI documents (docs/network.md).',
  },
);
