import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { parse } from 'yaml';
import { limits } from '../../config/limits.js';
import { isObject } from '../../protocol/jsonrpc.js';
import { parseJson } from '../../protocol/parseJson.js';
import { PolicyFault } from './policyFault.js';
import { readTar } from './readTar.js';

/** What a bundle holds that is evaluated. */
export interface Bundle {
  readonly wasm: Buffer;
  /** The documents under `data`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What its maker calls this version; empty for nothing. */
  readonly revision: string;
}

const maxDepth = 64;
const unzip = promisify(gunzip);

/**
 * Reads a bundle of Open Policy Agent that was compiled to WebAssembly: a gzipped tar archive with `policy.wasm`, `data.json` (or
 * `data.yaml`) at any depth, and `.manifest`.
 *
 * @returns rejects with a `PolicyFault` that says what is wrong with it; larger than it may be when unpacked is wrong too
 */
export const readBundle = async (archive: Buffer): Promise<Bundle> => {
  if (archive.length > limits.opaBundleBytes)
    throw new PolicyFault(`The bundle is larger than ${limits.opaBundleBytes} bytes`);
  const files = readTar(await unpacked(archive));
  const wasm = files.get('policy.wasm') ?? [...files].find(([path]) => path.endsWith('.wasm'))?.[1];
  if (wasm === undefined)
    throw new PolicyFault(
      'The bundle has no `policy.wasm`: build it with `opa build -t wasm -e PATH`, or serve it by an OPA server (`url`)',
    );
  const manifest = files.get('.manifest');
  const said = manifest === undefined ? {} : json(manifest, '.manifest');
  const revision =
    isObject(said) && typeof said['revision'] === 'string' ? said['revision'].slice(0, 200) : '';
  return { wasm, data: dataOf(files), revision };
};

const unpacked = async (archive: Buffer): Promise<Buffer> => {
  try {
    return await unzip(archive, { maxOutputLength: limits.opaUnpackedBytes });
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new PolicyFault(
      tooLarge
        ? `The bundle unpacks to more than ${limits.opaUnpackedBytes} bytes`
        : 'The bundle is no gzipped archive, or is damaged',
      { cause: error },
    );
  }
};

/** `a/b/data.json` is what is found under `data.a.b`. */
const dataOf = (files: ReadonlyMap<string, Buffer>): Readonly<Record<string, unknown>> => {
  let data: Readonly<Record<string, unknown>> = {};
  for (const [path, content] of files) {
    const steps = path.split('/');
    const read = readers[steps.pop() ?? ''];
    if (read === undefined) continue;
    const found = steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), read(content, path));
    if (!isObject(found)) throw new PolicyFault(`\`${path}\` in the bundle is no object`);
    data = merged(data, found, path);
  }
  return data;
};

const merged = (
  known: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>>,
  file: string,
): Readonly<Record<string, unknown>> => {
  const all = new Map(Object.entries(known));
  for (const [key, value] of Object.entries(more)) {
    const before = all.get(key);
    if (before === undefined) all.set(key, value);
    else if (isObject(before) && isObject(value)) all.set(key, merged(before, value, file));
    else throw new PolicyFault(`\`${file}\` in the bundle says again what another file says`);
  }
  return Object.fromEntries(all);
};

const json = (content: Buffer, file: string): unknown => {
  const value = parseJson(content.toString('utf8'), maxDepth);
  if (value === undefined) throw new PolicyFault(`\`${file}\` in the bundle is no JSON, or nests too deep`);
  return value;
};

const yaml = (content: Buffer, file: string): unknown => {
  try {
    return parse(content.toString('utf8'), { maxAliasCount: 100 });
  } catch (error) {
    throw new PolicyFault(`\`${file}\` in the bundle is no YAML`, { cause: error });
  }
};

const readers: Readonly<Record<string, (content: Buffer, file: string) => unknown>> = {
  'data.json': json,
  'data.yaml': yaml,
  'data.yml': yaml,
};
