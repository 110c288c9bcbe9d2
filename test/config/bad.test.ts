import assert from 'node:assert/strict';
import { faults } from './data/read.js';

const url = 'Write `http://host:port/path`; credentials go under `headers`.';
const duration = 'Write `500ms`, `30s`, `5m`, `1h`, or a number of seconds.';
const notUrl = 'must be an http:// or https:// URL without user, password and fragment.';
const words = 'Indent by spaces, and put text with special characters in quotes.';
const rest = (tool: string): string => `servers: { a: { type: rest, url: http://h, tools: { t: ${tool} } } }`;

const cases: Readonly<Record<string, readonly [text: string, ...lines: string[]][]>> = {
  'no configuration': [
    ['', '1:1: The file is empty. Write at least one server under `servers:`.'],
    ['# later\n', '1:1: The file is empty. Write at least one server under `servers:`.'],
    [
      '- a\n',
      '1:1: The configuration must be a map of keys and values. Write `key: value`, one a line, indented.',
    ],
    [
      'a: 1\n---\nb: 2',
      '2:1: Not valid YAML: Source contains multiple documents; please use YAML.parseAllDocuments(). ' +
        words,
    ],
    ['servers:\n\ta: 1', '2:1: Not valid YAML: Tabs are not allowed as indentation. ' + words],
    ['log: "x', '1:8: Not valid YAML: Missing closing "quote. ' + words],
    ['log: "a" hunter2', '1:10: Not valid YAML: Unexpected scalar at node end. ' + words],
    [
      'log: {}\n]hunter2',
      '2:1: Not valid YAML: Unexpected flow-seq-end token in YAML stream. ' + words,
      '2:2: Not valid YAML: Unexpected scalar token in YAML stream. ' + words,
    ],
    ['log: !secret x', '1:6: Not valid YAML: Unresolved tag: !secret. ' + words],
    ['? [a]\n: b', '1:3: Not valid YAML: With stringKeys, all keys must be strings. ' + words],
    [
      'log: *x',
      '1:6: This alias names no anchor before it. Define it with `&name`, or put text that begins with * in quotes.',
    ],
  ],
  'unknown and repeated keys': [
    ['servres: {}', '1:1: `servres` is not a known key. Did you mean `servers`?'],
    ['log: { colour: red }', '1:8: `log.colour` is not a known key. Known here: level, format.'],
    [
      'servers:\n  a:\n    url: http://h\n    timeuot: 3s',
      '4:5: `servers.a.timeuot` is not a known key. Did you mean `timeout`?',
    ],
    [
      'servers: { a: { command: x, url: http://h } }',
      '1:17: `servers.a.command` belongs to servers of type stdio, and this one is of type mcp. Write `type: stdio`, or remove the key.',
    ],
    [
      'servers: { a: { type: stdio, command: x, url: http://h } }',
      '1:42: `servers.a.url` belongs to servers of type mcp or rest, and this one is of type stdio. Correct `type`, or remove the key.',
    ],
    ['log: {}\nlog: {}', '2:1: `log` is written twice, first in line 1. Keep one of them.'],
    [
      'servers: { "a b": { url: http://h } }',
      '1:12: `servers["a b"]`: the key must be a name of at most 40 letters, digits, _ and -, the first a letter or digit. Rename it.',
    ],
    ['servers: { __proto__: { url: http://h } }', '1:12: `__proto__` can not be a key. Choose another name.'],
  ],
  'addresses of REST services': [
    [
      'servers: { a: { type: rest, url: "http://h/v1?t=a", tools: { t: { path: / } } } }',
      '1:34: The URL of a REST server has no query. Put it into the `path` of its tools, and what is secret under `headers`.',
    ],
    [
      'servers: { a: { type: rest, urls: ["http://h", { url: "http://i?t=a" }], tools: { t: { path: / } } } }',
      '1:48: The URL of a REST server has no query. Put it into the `path` of its tools, and what is secret under `headers`.',
    ],
  ],
  'rules for redaction': [
    [
      'redact: { rules: [{ action: mask }] }',
      '1:19: This rule finds nothing. Add `detect`, `patterns` or `paths`.',
    ],
    [
      'redact: { rules: [{ patterns: ["a(?=b)"] }] }',
      '1:32: This is no pattern that can be used: error parsing regexp: invalid or unsupported Perl syntax: `(?=`. Write it in RE2 syntax: no look-around, no back-references.',
    ],
    [
      'redact: { rules: [{ paths: ["$.a[?(@.b)]"] }] }',
      "1:29: This is no path that can be used: `[?(@.b)]` can not be read: names, ['names'], [0], * and .. can. Write a path such as `$.customer.ssn`, `$..iban` or `$.rows[*]['e-mail']`.",
    ],
    [
      'redact: { rules: [{ detect: [email], action: hash, keep_last: 4 }] }',
      '1:52: `keep_last` is for masks, not for `hash`. Remove it.',
    ],
    [
      'redact: { rules: [{ detect: [mail] }] }',
      '1:30: `redact.rules[0].detect[0]` must be one of `email`, `phone`, `card`, `iban`, `secret`. Did you mean `email`?',
    ],
  ],
  'rules for rewriting': [
    [
      'transform: { arguments: { jsonata: "{ a: " } }',
      "1:36: This is no JSONata expression that can be used: Expected \"}\" before end of expression (at character 5). Mend the expression: it gives the new value, for example `$merge([$, { 'unit': 'EUR' }])`.",
    ],
    [
      rest('{ path: /x, transform: { result: { jsonata: "$eval(x)" } } }'),
      "1:100: This is no JSONata expression that can be used: `$eval` would run texts of strangers as code. Mend the expression: it gives the new value, for example `$merge([$, { 'unit': 'EUR' }])`.",
    ],
    [
      'servers: { a: { url: http://h, transform: { result: { patch: [{ op: add, path: /__proto__/x, value: 1 }] } } } }',
      '1:62: This is no JSON Patch that can be used: operation 1 (add) leads to `__proto__`, which is no data. Write operations of RFC 6902, for example `{ op: add, path: /unit, value: EUR }`.',
    ],
    [
      'transform: { arguments: { jsonata: $, patch: [{ op: test, path: "", value: 1 }] }, result: {} }',
      '1:14: A value is rewritten by `jsonata` or by `patch`. Write one of them; a server and its tool may have one each.',
      '1:84: A value is rewritten by `jsonata` or by `patch`. Write one of them.',
    ],
    [
      'transform: { context: sometimes }',
      '1:23: `transform.context` must be one of `true`, `false`, `always`. Write one of these.',
    ],
    [
      'transform: { tool_errors: true }',
      '1:14: `tool_errors` is about `result`, and there is none. Add `result`, or remove it.',
    ],
  ],
  'values of the wrong kind': [
    [
      'listen: { port: 70000 }',
      '1:17: `listen.port` must be a whole number from 0 to 65535. Correct the number.',
    ],
    ['page_size: many', '1:12: `page_size` must be a whole number from 1 to 10000. Correct the number.'],
    ['servers:', '1:9: `servers` is empty. Give it a value (a map of keys and values), or remove the key.'],
    [
      'drain_timeout: soon',
      '1:16: `drain_timeout` must be a duration of at most 24 days. Write `500ms`, `30s`, `5m`, `1h`, a number of seconds, or 0.',
    ],
    [
      'timeouts: { call: 0 }',
      `1:19: \`timeouts.call\` must be a duration longer than 0, at most 24 days. ${duration}`,
    ],
    [
      'timeouts: { call: 600h }',
      `1:19: \`timeouts.call\` must be a duration longer than 0, at most 24 days. ${duration}`,
    ],
    [
      'http: { max_body: 4MB }',
      '1:19: `http.max_body` must be a size from 1 byte to 1 GiB. Write `4MiB`, `64KiB`, or a number of bytes.',
    ],
    [
      'servers: { a: { url: http://h, rate_limit: { rate: 1/s, per: me } } }',
      '1:57: `servers.a.rate_limit.per` is not a known key. Known here: rate, burst, by.',
    ],
    [
      'servers: { a: { url: http://h, rate_limit: { burst: 1 } } }',
      '1:32: `servers.a.rate_limit` needs `rate`. Add it: most calls in a time.',
    ],
    [
      'limits: { a: { burst_size: 2 } }',
      '1:11: A limit needs to say how much. Add `requests_per_minute` or `rate`.',
    ],
    [
      'limits: { a: { rate: 1/s, requests_per_minute: 2 } }',
      '1:11: A limit has one rate. Remove `requests_per_minute` or `rate`.',
    ],
    [
      'limits: { a: { rate: 1/s, by: session } }',
      '1:31: `limits.a.by` must be one of `client`, `user`, `ip`, `tenant`, `tool`, `all`. Write one of these.',
    ],
    [
      'servers: { orders: { url: http://h } }\nlimits: { a: { rate: 1/s, servers: [order] } }',
      '2:37: `order` is no server of this file. Did you mean `orders`?',
    ],
    [
      'http: { trusted_proxies: [10.0.0.0/33, proxy.example] }',
      '1:27: `http.trusted_proxies[0]` must be an IP address, or a network of them. Write `10.0.0.7`, `10.0.0.0/8`, or `fd00::/8`.',
      '1:40: `http.trusted_proxies[1]` must be an IP address, or a network of them. Write `10.0.0.7`, `10.0.0.0/8`, or `fd00::/8`.',
    ],
    [
      'servers: { a: { url: http://h, rate_limit: 100 } }',
      '1:44: `servers.a.rate_limit` must be a rate. Write `100/min`, or a number per `s`, `h` or `day`.',
    ],
    [
      'naming: { separator: "::" }',
      '1:22: `naming.separator` must be one to three letters, digits, _ or -. Write `_`, `__` or `-`.',
    ],
    [
      'log: { level: inof }',
      '1:15: `log.level` must be one of `fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent`. Did you mean `info`?',
    ],
    [
      'servers: { a: { type: grpc, url: http://h } }',
      '1:23: `servers.a.type` must be one of `mcp`, `rest`, `stdio`. Write one of these.',
    ],
    [
      'blocked_tools: eval',
      '1:16: `blocked_tools` must be a list. Write `[a, b]`, or one entry a line, each after `- `.',
    ],
    [
      'blocked_tools: ["{a,b}"]',
      '1:17: `blocked_tools[0]` must be a name in which * stands for any characters and ? for one. Use no other wildcards than * and ?, and no spaces.',
    ],
    [
      'servers: { a: { type: stdio, command: x, args: [-p, 80] } }',
      '1:53: `servers.a.args[1]` must be text. Put it in quotes, if it is meant as text.',
    ],
    [
      'servers: { a: { url: http://h, auth_required: "yes" } }',
      '1:47: `servers.a.auth_required` must be `true` or `false`. Write it without quotes.',
    ],
    [
      'servers: { a: { url: http://h, headers: { x: "a\\nb: c" } } }',
      '1:46: `servers.a.headers.x` must be text without line breaks and control characters. Remove them; a value from a file often ends in a line break.',
    ],
    [
      'listen: { path: /mcp/ }',
      '1:17: `listen.path` must be a path such as /mcp, beginning with / and not ending with it. Use letters, digits, and any of - . _ ~ between the slashes.',
    ],
  ],
  addresses: [
    ['servers: { a: { url: "ftp://h" } }', `1:22: \`servers.a.url\` ${notUrl} ${url}`],
    ['servers: { a: { url: "http://" } }', `1:22: \`servers.a.url\` ${notUrl} ${url}`],
    ['servers: { a: { url: "http://u:hunter2@h" } }', `1:22: \`servers.a.url\` ${notUrl} ${url}`],
    ['servers: { a: { urls: [http://h, h] } }', `1:34: \`servers.a.urls[1]\` ${notUrl} ${url}`],
    [
      'servers: { a: { urls: [] } }',
      '1:23: `servers.a.urls` must name at least one. Add one, or remove the key.',
    ],
    [
      'servers: { a: { url: http://h, urls: [http://h] } }',
      '1:32: `url` and `urls` both name addresses. Use `url` for one instance, `urls` for several equal ones, or `primary` and `fallback`.',
    ],
    [
      'servers: { a: { fallback: [http://h] } }',
      '1:17: `fallback` needs a `primary` to stand in for. Name the preferred address under `primary`, or all of them under `urls`.',
    ],
    [
      'servers: { a: { urls: [http://h], dns: {} } }',
      '1:35: `dns` looks up the host of `url`, and there is none. Write `url: http://name:port`, or remove `dns`.',
    ],
    [
      'servers: { a: { url: http://h } }\nnetwork: { allowed: ["*.ok.test", 10.0.0.0/33, "a*b", "::1/128"], denied: [1.2.3, "http://x", "10.0.0.0/8/8"] }',
      '2:35: `network.allowed[1]` must be a host name, an IP address or a network. Write `login.internal`, `*.internal` for all below, `10.1.2.3`, or `10.0.0.0/8`.',
      '2:48: `network.allowed[2]` must be a host name, an IP address or a network. Write `login.internal`, `*.internal` for all below, `10.1.2.3`, or `10.0.0.0/8`.',
      '2:76: `network.denied[0]` must be a host name, an IP address or a network. Write `login.internal`, `*.internal` for all below, `10.1.2.3`, or `10.0.0.0/8`.',
      '2:83: `network.denied[1]` must be a host name, an IP address or a network. Write `login.internal`, `*.internal` for all below, `10.1.2.3`, or `10.0.0.0/8`.',
      '2:95: `network.denied[2]` must be a host name, an IP address or a network. Write `login.internal`, `*.internal` for all below, `10.1.2.3`, or `10.0.0.0/8`.',
    ],
    [
      'servers: { a: { url: "http://[::1]:80", dns: {} } }',
      '1:41: `[::1]` is an address already: there is nothing to look up. Remove `dns`.',
    ],
    [
      'servers: { a: { url: http://h, dns: { min_ttl: 10m } } }',
      '1:48: `min_ttl` (600 s) is longer than `max_ttl` (300 s). Change one of them.',
    ],
    [
      'servers: { a: { url: http://h, dns: { srv: "_a b", resolvers: [dns.test, "::1", "1.1.1.1:x"] } } }',
      '1:44: `servers.a.dns.srv` must be a host name, or one of SRV records. Write `_mcp._tcp.search.internal`: labels of letters, digits, - and _, with dots between them.',
      '1:64: `servers.a.dns.resolvers[0]` must be the IP address of a DNS server, perhaps with a port. Write `10.0.0.2`, `127.0.0.1:5353`, or `[::1]:5353`.',
      '1:81: `servers.a.dns.resolvers[2]` must be the IP address of a DNS server, perhaps with a port. Write `10.0.0.2`, `127.0.0.1:5353`, or `[::1]:5353`.',
    ],
    [
      'servers: { a: {} }',
      '1:12: `servers.a` has no address. Add `url: http://host:port/mcp`, or write `type: stdio` and a `command`.',
    ],
    [
      'servers: { a: { type: rest, tools: { t: { path: /x } } } }',
      '1:12: `servers.a` has no address. Add `url: http://host:port`.',
    ],
    [
      'servers: { a: { url: http://h, headers: { Content-Length: "1", x-a: a, X-A: b } } }',
      '1:43: `Content-Length` belongs to the connection and can not be set. Remove it.',
      '1:72: `X-A` is written twice (case makes no difference). Keep one of them.',
    ],
  ],
  'REST and stdio servers': [
    [
      'servers: { a: { type: rest, url: http://h } }',
      '1:12: `servers.a` has no tools. Describe some under `tools`, or name an OpenAPI document under `openapi`.',
    ],
    [
      'servers: { a: { type: rest, openapi: "ftp://h/x.yaml" } }',
      '1:38: `openapi` must be a file or an http:// or https:// URL. Write `./openapi.yaml` or `https://host/openapi.json`.',
    ],
    [
      'servers: { a: { type: stdio } }',
      '1:12: `servers.a` needs `command`. Add it: program to start. No shell is involved.',
    ],
    [
      rest('{ method: GET }'),
      '1:53: `servers.a.tools.t` needs `path`. Add it: path below the address; `{x}` is filled from argument `x`.',
    ],
    [
      rest('{ path: "/x/{y" }'),
      '1:64: `servers.a.tools.t.path` must be a path such as /orders/{id}: first a /, no spaces, no #, braces in pairs. Name arguments in braces; arguments for the query string go under `query`.',
    ],
    [
      rest('{ path: /x, method: get }'),
      '1:76: `servers.a.tools.t.method` must be one of `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`, `OPTIONS`. Did you mean `GET`?',
    ],
    [
      rest('{ path: "/x/{y}", input_schema: { type: object, properties: { z: {} } } }'),
      '1:64: The path needs an argument `y` that `input_schema` does not declare. Add `y` to `properties` and `required`.',
    ],
    [
      rest('{ path: /x, input_schema: { type: string } }'),
      '1:90: Arguments come as an object, and this schema does not say so. Write `type: object`.',
    ],
    [
      rest('{ path: /x, input_schema: { type: object, required: id } }'),
      '1:108: This is no valid JSON Schema: it must be array. See json-schema.org, draft 2020-12.',
    ],
  ],
  'references and listeners': [
    [
      'servers: { search: { url: http://h } }\nnamespaces: { n: { servers: [serach] } }',
      '2:30: `serach` is no server of this file. Did you mean `search`?',
    ],
    [
      'namespaces: { n: { servers: [a] } }',
      '1:30: `a` is no server of this file. Add it under `servers`, or remove it here.',
    ],
    [
      'namespaces: { n: { servers: [constructor] } }',
      '1:30: `constructor` is no server of this file. Add it under `servers`, or remove it here.',
    ],
    [
      'servers: { a: { url: http://h } }\nnamespaces: { n: { servers: [a, a] } }',
      '2:29: `namespaces.n.servers` names something twice. Keep one of them.',
    ],
    [
      'listen: { host: 0.0.0.0 }',
      '1:17: `0.0.0.0` is no loopback address: without authentication everyone who reaches it could call every tool. Configure `auth`, or listen on 127.0.0.1 and let a proxy that authenticates stand in front.',
    ],
    [
      'admin: { port: 8080 }',
      '1:16: `listen` and `admin` have the same address and port. Give one of them another port.',
    ],
    [
      'listen: { path: /sse }',
      "1:17: The path of the endpoint and the two paths of HTTP+SSE (`/sse` and `/messages` unless set) are in each other's way. Choose another path, or turn HTTP+SSE off with `transports.legacy_sse.enabled: false`.",
    ],
    [
      'transports:\n  legacy_sse: { messages_path: /mcp/messages }',
      "2:32: The path of the endpoint and the two paths of HTTP+SSE (`/sse` and `/messages` unless set) are in each other's way. Choose another path, or turn HTTP+SSE off with `transports.legacy_sse.enabled: false`.",
    ],
  ],
  'the environment': [
    [
      'servers:\n  a:\n    url: http://${HOST}:${PORT}',
      '3:17: The environment variable HOST is not set. Set it before starting, or give a default: `${HOST:-default}`.',
      '3:25: The environment variable PORT is not set. Set it before starting, or give a default: `${PORT:-default}`.',
    ],
    [
      'servers: { a: { url: "${1}" } }',
      '1:23: This is no reference to an environment variable. Write `${NAME}` or `${NAME:-default}` (defaults do not nest), or `$${` for a literal `${`.',
    ],
    [
      'log: { level: ${L} }',
      '1:16: Not valid YAML: Unexpected flow-map-start at node end. Inside { } and [ ], put values with ${…} in quotes.',
      '1:17: Not valid YAML: Unexpected scalar at node end. Inside { } and [ ], put values with ${…} in quotes.',
      '1:20: Not valid YAML: Unexpected flow-map-end token in YAML stream. Inside { } and [ ], put values with ${…} in quotes.',
    ],
  ],
};

describe('config: documents that are refused, with place and remedy', () => {
  for (const [group, documents] of Object.entries(cases))
    describe(group, () => {
      for (const [text, ...lines] of documents)
        it(JSON.stringify(text).slice(1, -1).slice(0, 90), () =>
          assert.deepEqual(
            faults(text),
            lines.map((line) => `g.yaml:${line}`),
          ),
        );
    });

  it('says everything at once, in the order of the file', () => {
    const text =
      'listen: { host: 0.0.0.0, prot: 1 }\nservers:\n  a: { url: "${U}", timeout: x }\n  b: { type: rest }\nlgo: {}';
    assert.deepEqual(
      faults(text).map((line) => /^g\.yaml:(\d+:\d+)/.exec(line)?.[1]),
      ['1:17', '1:26', '3:14', '3:30', '4:3', '4:3', '5:1'],
    );
  });
});
