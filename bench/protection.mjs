/**
 * The price of protection: the same calls through a gateway with nothing configured but its backend, with one kind of protection, and with
 * all of them: JWT (RS256, verified once and remembered), a policy of Open Policy Agent compiled to WebAssembly that reads claims, tool and
 * arguments, a rate limit that is counted but never reached, and the audit trail chained by hashes and written to disk.
 *
 * One process per gateway, all on core 0 and idle but the one that is asked; rounds are interleaved, of every figure the median of the rounds is shown.
 * Every gateway gets the very same requests, token included. Reading a ratio: throughput with it ÷ throughput without.
 */
import { generateKeyPairSync, createSign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuTime } from './cpuTime.mjs';
import { markdownTable } from './markdownTable.mjs';
import { startBackend, startLoad, startSluice, stopAll } from './targets.mjs';
import { warmUp } from './warmUp.mjs';

const issuer = 'https://idp.bench.example';
const audience = 'https://gateway.bench.example/mcp';

const policy = `package sluice

default allow := false

allow if {
	"caller" in input.identity.roles
	input.claims.department == "sales"
	glob.match("bench_*", [], input.tool.name)
	count(input.arguments.text) < 1000
}
`;

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const signedToken = (key) => {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    aud: audience,
    sub: 'ann',
    client_id: 'bench',
    roles: ['caller'],
    department: 'sales',
    iat: now,
    exp: now + 3600,
  };
  const text = `${base64url({ alg: 'RS256', typ: 'at+jwt', kid: 'bench' })}.${base64url(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key).toString('base64url')}`;
};

/** What each kind of protection adds to the configuration. */
const protections = (folder, publicKey, opa) => ({
  jwt: `auth:
  jwt:
    issuers:
      - issuer: ${issuer}
        audience: ${audience}
        public_key: ${JSON.stringify(publicKey)}
`,
  opa: `opa:
  rego: ${join(folder, 'policy.rego')}
  path: sluice/allow
  program: ${opa}
`,
  limits: `limits:
  '*': { rate: 1000000/s, by: user }
  bench: { rate: 1000000/s, by: user }
`,
  audit: `audit:
  file: ${join(folder, 'audit.ndjson')}
`,
});

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const measure = async (load, { port, pid, authorization }, { headline: concurrency }, ms) => {
  const before = cpuTime(pid);
  const { requests, rps, p50_ms, p99_ms } = await load.run({
    port,
    workload: 'full-chain',
    tool: 'bench_echo',
    concurrency,
    ms,
    headers: `authorization: ${authorization}\r\n`,
  });
  return { requests, rps, p50_ms, p99_ms, cpu_us: ((cpuTime(pid) - before) / requests) * 1e6 };
};

/**
 * @param opa the program that compiles the policy
 * @returns figures of each configuration, medians of the rounds
 */
export const measureProtection = async (plan, opa) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'policy.rego'), policy);
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const authorization = `Bearer ${signedToken(privateKey)}`;
  const parts = protections(folder, publicKey.export({ type: 'spki', format: 'pem' }), opa);
  // A policy and claims need a caller who is known.
  const configurations = {
    none: '',
    jwt: parts.jwt,
    'jwt + limits': parts.jwt + parts.limits,
    'jwt + opa': parts.jwt + parts.opa,
    audit: parts.audit,
    all: Object.values(parts).join(''),
  };
  const { port: backendPort } = await startBackend();
  const cells = [];
  for (const [name, more] of Object.entries(configurations))
    cells.push({ name, authorization, ...(await startSluice(backendPort, [], { more })), rounds: [] });
  const load = startLoad();
  for (const cell of cells) await warmUp(async (ms) => (await measure(load, cell, plan, ms)).requests, plan);
  for (let round = 0; round < plan.rounds; round++)
    for (const cell of cells) cell.rounds.push(await measure(load, cell, plan, plan.ms));
  await stopAll();
  return cells.map(({ name, rounds }) => {
    const of = (figure) => median(rounds.map((each) => each[figure]));
    return { name, rps: of('rps'), p50_ms: of('p50_ms'), p99_ms: of('p99_ms'), cpu_us: of('cpu_us') };
  });
};

/** The figures as a table in Markdown. */
export const protectionTable = (cells) => {
  const [none] = cells;
  const rows = cells.map(({ name, rps, p50_ms, p99_ms, cpu_us }) => [
    name,
    rps.toFixed(0),
    p50_ms.toFixed(2),
    p99_ms.toFixed(2),
    cpu_us.toFixed(0),
    (rps / none.rps).toFixed(2),
    (none.cpu_us / cpu_us).toFixed(2),
  ]);
  const titles = ['protection', 'req/s', 'p50 ms', 'p99 ms', 'CPU µs/call', 'req/s ÷ none', 'none ÷ CPU'];
  return markdownTable([titles, ...rows], (n) => n === 0);
};
