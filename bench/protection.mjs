/**
 * The price of protection: the same calls through a gateway with nothing configured but its backend, with one kind of protection, and with
 * all of them: JWT (RS256, verified once and remembered), a policy of Open Policy Agent compiled to WebAssembly that reads claims, tool and
 * arguments, a rate limit that is counted but never reached, and the audit trail chained by hashes and written to disk.
 * Every gateway gets the very same requests, token included; see compared.mjs.
 */
import { generateKeyPairSync, createSign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureCompared } from './compared.mjs';
import { temporaryFolder } from './temporaryFolder.mjs';

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
const protections = (folder, publicKey, opa, name) => ({
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
  file: ${join(folder, name)}.ndjson
`,
});

/**
 * Files, keys and configuration of every kind of protection.
 *
 * @param {string | undefined} opa the program that compiles the policy; without it there is no policy
 * @returns {{ headers: string, partsFor(name: string): Record<string, string> }} the lines of every request; and what each kind adds to the
 * configuration of a gateway, which has an audit trail of its own by its name
 */
export const protect = (opa) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'policy.rego'), policy);
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = publicKey.export({ type: 'spki', format: 'pem' });
  return {
    headers: `authorization: Bearer ${signedToken(privateKey)}\r\n`,
    partsFor(name) {
      const { opa: judging, ...parts } = protections(folder, key, opa, name);
      return opa === undefined ? parts : { ...parts, opa: judging };
    },
  };
};

/** @returns figures of each configuration, medians of the rounds */
export const measureProtection = (plan, { opa }) => {
  const { partsFor, headers } = protect(opa);
  const parts = partsFor('audit');
  // A policy and claims need a caller who is known.
  const configurations = {
    none: '',
    jwt: parts.jwt,
    'jwt + limits': parts.jwt + parts.limits,
    ...(parts.opa === undefined ? {} : { 'jwt + opa': parts.jwt + parts.opa }),
    audit: (n) => partsFor(`audit-${n}`).audit,
    all: (n) => Object.values(partsFor(`all-${n}`)).join(''),
  };
  return measureCompared(plan, configurations, headers);
};
