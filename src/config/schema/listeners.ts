/** What the gateway's own side needs: addresses, bounds, times, sessions, logs. */
import { Type } from '@sinclair/typebox';
import { limits } from '../limits.js';
import {
  count,
  duration,
  durationOrZero,
  endpointPath,
  oneOf,
  port,
  separator,
  size,
  networks,
  url,
  words,
} from './kinds.js';
import { section } from './section.js';
import { timeLimits } from './times.js';

const closed = { additionalProperties: false } as const;

const host = Type.String({
  minLength: 1,
  description: 'Address or host name to listen on. Anything but loopback needs authentication.',
  default: '127.0.0.1',
});

export const listen = Type.Object(
  {
    host: Type.Optional(host),
    port: Type.Optional(port(8080)),
    path: Type.Optional(
      endpointPath({
        description: 'Path of the endpoint; namespaces are served beneath it.',
        default: '/mcp',
      }),
    ),
    public_url: Type.Optional(
      url(
        'Scheme, host and port as clients see them, e.g. `https://gw.example`, where a proxy stands in front.',
      ),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          cert: Type.String({
            minLength: 1,
            description: 'File of the certificate in PEM, with those that lead to its authority.',
          }),
          key: Type.String({ minLength: 1, description: 'File of its private key in PEM.' }),
        },
        { ...closed, description: 'Serves HTTPS. Both files are read again when they change.' },
      ),
    ),
  },
  { ...closed, description: 'Where clients connect.' },
);

export const naming = Type.Object(
  {
    separator: Type.Optional(separator({ description: 'Stands between prefix and name.', default: '_' })),
  },
  { ...closed, description: 'How the names clients see are made.' },
);

const pemFile = (description: string) => Type.String({ minLength: 1, description });

export const sessions = Type.Object(
  {
    ttl: Type.Optional(duration('How long an unused session lives.', limits.sessionTtlMs)),
    max: Type.Optional(count('Most sessions at a time.', limits.maxSessions, 10_000_000)),
    store: Type.Optional(
      oneOf(['memory', 'hazelcast'], { description: 'Where they are kept.', default: 'memory' }),
    ),
    hazelcast: Type.Optional(
      Type.Object(
        {
          cluster_name: Type.Optional(
            Type.String({ minLength: 1, description: 'Name of the cluster.', default: 'dev' }),
          ),
          addresses: Type.Optional(
            words('Members, as `host:port`; one that answers names the others. Default: `127.0.0.1:5701`.'),
          ),
          username: Type.Optional(
            Type.String({ minLength: 1, description: 'Who the gateway is to members.' }),
          ),
          password: Type.Optional(Type.String({ minLength: 1, description: 'Its password.' })),
          tls: Type.Optional(
            Type.Object(
              {
                ca: Type.Optional(pemFile('Certificates to trust, instead of those the system trusts.')),
                cert: Type.Optional(pemFile("The gateway's own certificate.")),
                key: Type.Optional(pemFile('The key of `cert`.')),
              },
              { ...closed, description: 'Speaks TLS to the members; `{}` does. Files in PEM.' },
            ),
          ),
        },
        { ...closed, description: 'The cluster to keep them in, with `store: hazelcast`.' },
      ),
    ),
  },
  { ...closed, description: 'Sessions of 2025-era clients.' },
);

export const cluster = section('Instances that share their sessions: requests are relayed between them.', {
  advertise: url(
    'How other instances reach this one, e.g. `http://${POD_IP}:8080`. Default: the address listened on.',
  ),
});

export const http = section('Bounds of the HTTP side.', {
  max_body: size('Largest request body.', limits.maxBodyBytes),
  max_depth: count('Deepest nesting of a request body.', limits.maxDepth, 1000),
  max_batch: count('Most messages in a batch.', limits.maxBatch, 10_000),
  heartbeat: duration('A comment is sent on a stream that was silent this long.', limits.heartbeatMs),
  slow_client_timeout: duration('How long a client may leave bytes unread.', limits.slowClientTimeoutMs),
  request_timeout: duration('How long a client may take to send headers and body.', limits.requestTimeoutMs),
  max_connections: count('Most connections at a time.', limits.maxConnections, 1_000_000),
  trusted_proxies: networks(
    'Proxies in front, by address or network (`10.0.0.0/8`): `X-Forwarded-For` from them says whose a request is.',
  ),
  allowed_origins: words(
    "Origins of web pages allowed besides the gateway's own, e.g. `https://app.example`; `*` for any.",
  ),
  allowed_hosts: words('Host names allowed besides loopback and the listening address; `*` for any.'),
});

const enabled = (description: string) => Type.Optional(Type.Boolean({ description, default: true }));

export const transports = Type.Object(
  {
    websocket: Type.Optional(
      Type.Object(
        { enabled: enabled('Whether the endpoint takes upgrades to WebSocket.') },
        { ...closed, description: 'WebSockets, on the same paths as HTTP.' },
      ),
    ),
    legacy_sse: Type.Optional(
      Type.Object(
        {
          enabled: enabled('Whether it is served.'),
          path: Type.Optional(
            endpointPath({
              description: 'Path of the stream; namespaces are served beneath it.',
              default: '/sse',
            }),
          ),
          messages_path: Type.Optional(
            endpointPath({ description: 'Path that takes the messages.', default: '/messages' }),
          ),
        },
        { ...closed, description: 'HTTP+SSE of revision 2024-11-05, for clients that know nothing newer.' },
      ),
    ),
    max_calls_per_connection: Type.Optional(
      count(
        'Most requests in flight on one connection that carries many.',
        limits.maxCallsPerConnection,
        100_000,
      ),
    ),
  },
  { ...closed, description: 'Ways to connect besides Streamable HTTP.' },
);

export const timeouts = Type.Object(
  {
    call: Type.Optional(
      duration(
        'Longest silence of a call, before the first part of its answer and between two.',
        limits.callTimeoutMs,
      ),
    ),
    list: Type.Optional(duration('Longest time for listing what a server offers.', limits.listTimeoutMs)),
    max_call: Type.Optional(
      duration('Longest call of all; nothing goes beyond it, however lively.', limits.maxCallMs),
    ),
    ...timeLimits(limits.connectMs, '`call`', '`max_call`'),
  },
  { ...closed, description: 'Time limits of calls; servers and tools may have their own.' },
);

export const log = Type.Object(
  {
    level: Type.Optional(
      oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
        description: 'Least important level to write.',
        default: 'info',
      }),
    ),
    format: Type.Optional(
      oneOf(['auto', 'json', 'pretty'], {
        description: '`auto`: `pretty` on a terminal, otherwise `json`.',
        default: 'auto',
      }),
    ),
  },
  { ...closed, description: 'Log lines on standard output.' },
);

export const drainDelay = durationOrZero(
  'How long the gateway goes on as before once it is told to stop and `/readyz` says 503: until load balancers have noticed.',
  0,
);

export const drainTimeout = durationOrZero(
  'How long calls in flight may take to finish after SIGTERM.',
  limits.drainTimeoutMs,
);

export const pageSize = count('Most entries on a page of a list.', limits.pageSize, 10_000);
