/**
 * Writes generated/schemas.js: the official MCP JSON Schemas, one per protocol revision.
 *
 * The specification's schema files are on no registry as a package of their own, but the official
 * conformance suite carries them (it validates every message on the wire by them), so they are taken
 * from there at build time. Nothing of it is kept in this repository; the suite's version is pinned
 * in package.json. Descriptions are left out: they are two thirds of the bytes and validate nothing.
 */
import { readFileSync, mkdirSync, writeFileSync, existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';

const out = fileURLToPath(new URL('../generated/', import.meta.url));
const bundlePath = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
);

/** A definition that only one revision has tells which revision an embedded schema is. */
const revisionOf = (defs) => {
  if ('DiscoverRequest' in defs) return '2026-07-28';
  if ('CreateTaskResult' in defs) return '2025-11-25';
  if ('ElicitRequest' in defs) return '2025-06-18';
  if ('AudioContent' in defs) return '2025-03-26';
  return undefined;
};

const keyOf = (property) => property.key?.name ?? property.key?.value;

const schemaLiterals = (node, found = []) => {
  if (node === null || typeof node !== 'object') return found;
  if (Array.isArray(node)) {
    for (const child of node) schemaLiterals(child, found);
    return found;
  }
  if (node.type === 'ObjectExpression') {
    const keys = node.properties.map(keyOf);
    if (keys.includes('$schema') && (keys.includes('$defs') || keys.includes('definitions'))) {
      found.push(node);
      return found;
    }
  }
  for (const key in node) if (key !== 'type') schemaLiterals(node[key], found);
  return found;
};

/** Turns a literal of plain data into that data, without running any of the bundle. */
const evaluate = (node) => {
  switch (node.type) {
    case 'ObjectExpression':
      return Object.fromEntries(node.properties.map((p) => [keyOf(p), evaluate(p.value)]));
    case 'ArrayExpression':
      return node.elements.map(evaluate);
    case 'Literal':
      return node.value;
    case 'TemplateLiteral':
      return node.quasis[0].value.cooked;
    case 'UnaryExpression':
      return node.operator === '!' ? !evaluate(node.argument) : -evaluate(node.argument);
    default:
      throw new TypeError(`not plain data: ${node.type}`);
  }
};

const withoutDescriptions = (value, insideProperties = false) => {
  if (Array.isArray(value)) return value.map((item) => withoutDescriptions(item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => insideProperties || key !== 'description' || typeof child !== 'string')
      .map(([key, child]) => [
        key,
        withoutDescriptions(child, key === 'properties' || key === '$defs' || key === 'definitions'),
      ]),
  );
};

/** Where the specification's types say `string | number | boolean`, the published schemas say this: no 1.5, in any form's answer. */
const mistaken = JSON.stringify(['string', 'integer', 'boolean']);

const withAnyNumber = (value) => {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value))
    return JSON.stringify(value) === mistaken ? ['string', 'number', 'boolean'] : value.map(withAnyNumber);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withAnyNumber(child)]));
};

/** Mends what the published schemas get wrong of the specification's types: numbers, and `JSONValue`, which leaves out null. */
const mended = (schema) => {
  const { $defs, ...rest } = withAnyNumber(schema);
  if ($defs === undefined) return rest;
  return { ...rest, $defs: { ...$defs, ...('JSONValue' in $defs && { JSONValue: {} }) } };
};

export const extractSchemas = () => {
  const target = `${out}schemas.js`;
  if (
    existsSync(target) &&
    statSync(target).mtimeMs >
      Math.max(statSync(bundlePath).mtimeMs, statSync(fileURLToPath(import.meta.url)).mtimeMs)
  )
    return;
  const source = readFileSync(bundlePath, 'utf8').replace(/^#!/, '//');
  const schemas = {};
  for (const literal of schemaLiterals(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }))) {
    let schema;
    try {
      schema = evaluate(literal);
    } catch {
      continue; // a fixture's tool schema, not a revision's
    }
    const revision = revisionOf(schema.$defs ?? schema.definitions);
    if (revision !== undefined) schemas[revision] = mended(withoutDescriptions(schema));
  }
  const expected = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'];
  const missing = expected.filter((revision) => schemas[revision] === undefined);
  if (missing.length > 0)
    throw new Error(`the conformance suite no longer carries the schema of ${missing.join(', ')}`);
  mkdirSync(out, { recursive: true });
  const notice =
    '// The official MCP schemas (MIT licence, Anthropic, PBC and contributors), by protocol revision. Generated: see scripts/extractSchemas.mjs.\n';
  writeFileSync(
    `${out}schemas.d.ts`,
    `${notice}export declare const schemas: Readonly<Record<string, object>>;\n`,
  );
  writeFileSync(target, `${notice}export const schemas = ${JSON.stringify(schemas)};\n`);
};
