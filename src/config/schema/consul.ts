/** Discovery of servers in Consul. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import { duration, headerPattern, headerValue, oneOf, url, words } from './kinds.js';

const closed = { additionalProperties: false } as const;
const file = (description: string) => Type.String({ minLength: 1, description });

export const consul = Type.Object(
  {
    url: url('Address of the Consul agent.'),
    token: Type.Optional(
      Type.String({ description: 'ACL token: may read services, nodes and the keys of manifests.' }),
    ),
    datacenters: Type.Optional(
      words("Datacenters, the preferred one first: the others stand by. Default: the agent's own."),
    ),
    namespace: Type.Optional(
      Type.String({ minLength: 1, description: 'Namespace of Consul Enterprise to look in.' }),
    ),
    tags: Type.Optional(words('Only instances that have all of these tags.')),
    namespaces: Type.Optional(words('Only services whose `mcp-namespace` is one of these.')),
    instance: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Name of this gateway: services that are meant for another one (`capi-instance`) are left out.',
      }),
    ),
    max_watches: Type.Optional(
      Type.Integer({
        minimum: 8,
        maximum: 4000,
        default: limits.consulWatches,
        description: 'Most questions held open at the agent (blocking queries).',
      }),
    ),
    wait: Type.Optional(duration('How long the agent may hold one question.', limits.consulWaitMs)),
    signatures: Type.Optional(
      oneOf(['off', 'warn', 'enforce'], {
        default: 'off',
        description: 'What to do about tools whose definition is not signed by a trusted key.',
      }),
    ),
    policies: Type.Optional(
      oneOf(['enforce', 'ignore'], {
        default: 'enforce',
        description:
          'What to do about the policies that services name (`opa-rego`, `mcp-policy`): ask them about every call, or let anyone call.',
      }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          ca: Type.Optional(file('File of the certificate authority (PEM).')),
          cert: Type.Optional(file("File of the gateway's certificate (PEM).")),
          key: Type.Optional(file('File of its key (PEM).')),
          server_name: Type.Optional(
            Type.String({ minLength: 1, description: "The name in the agent's certificate." }),
          ),
        },
        { ...closed, description: 'TLS towards the agent, where `url` begins with https.' },
      ),
    ),
    headers: Type.Optional(
      Type.Record(
        Type.String({ minLength: 1 }),
        Type.Record(Type.String({ pattern: headerPattern }), headerValue('Value of the header.'), {
          ...closed,
          title: 'header name',
          description: 'Headers, by name.',
        }),
        { description: "Headers sent to a service's instances, by its name: the backend's own credential." },
      ),
    ),
  },
  { ...closed, description: 'Discovery of servers in Consul; see consul.md.' },
);
