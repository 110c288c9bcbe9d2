import { limits } from '../../config/limits.js';
import { PolicyFault } from './policyFault.js';

const block = 512;

/**
 * The regular files of a tar archive (POSIX.1-2001: ustar and pax, and the long names of GNU), by their paths without a leading `/` or
 * `./`. Nothing is written anywhere.
 *
 * @throws PolicyFault for what is no such archive, is damaged, leads out of its folder, has links, or the same path twice
 */
export const readTar = (archive: Buffer): ReadonlyMap<string, Buffer> => {
  const files = new Map<string, Buffer>();
  let longName: string | undefined;
  for (let at = 0; at + block <= archive.length;) {
    const header = archive.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) return files;
    checkSum(header);
    const size = octal(header.subarray(124, 136));
    const body = archive.subarray(at + block, at + block + size);
    if (body.length < size) throw new PolicyFault('The archive ends in the middle of a file');
    at += block + Math.ceil(size / block) * block;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'x') longName = paxPath(body) ?? longName;
    else if (type === 'L') longName = text(body);
    else if (type !== 'g') {
      const path = clean(longName ?? ustarName(header));
      longName = undefined;
      if (type === '0' || type === '\0') {
        if (files.has(path)) throw new PolicyFault(`The archive has \`${path}\` twice`);
        if (files.size >= limits.opaBundleFiles)
          throw new PolicyFault(`The archive has more than ${limits.opaBundleFiles} files`);
        files.set(path, body);
      } else if (type !== '5') throw new PolicyFault(`The archive has \`${path}\`, which is no file`);
    }
  }
  throw new PolicyFault('The archive does not end where it should');
};

const text = (bytes: Buffer): string => {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
};

const ustarName = (header: Buffer): string => {
  const name = text(header.subarray(0, 100));
  const isUstar = header.toString('latin1', 257, 262) === 'ustar';
  const prefix = isUstar ? text(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
};

const octal = (field: Buffer): number => {
  const digits = text(field).trim();
  if (!/^[0-7]{1,11}$/.test(digits)) throw new PolicyFault('This is no tar archive');
  return Number.parseInt(digits, 8);
};

/** The sum of the header's bytes, those of the sum itself taken as spaces. */
const checkSum = (header: Buffer): void => {
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 32 : byte;
  if (sum !== octal(header.subarray(148, 156))) throw new PolicyFault('This is no tar archive');
};

/** Records of a pax header: `LENGTH KEY=VALUE\n`. */
const paxPath = (body: Buffer): string | undefined => {
  let path: string | undefined;
  for (let at = 0; at < body.length;) {
    const length = Number.parseInt(body.toString('latin1', at, at + 10), 10);
    if (!(length > 4) || at + length > body.length) throw new PolicyFault('The archive has a damaged header');
    const record = body.toString('utf8', at, at + length - 1);
    const found = /^\d+ path=(.*)$/s.exec(record)?.[1];
    path = found ?? path;
    at += length;
  }
  return path;
};

const clean = (name: string): string => {
  const path = name.replace(/^(?:\.?\/)+/, '');
  const steps = path.replace(/\/$/, '').split('/');
  if (/[\p{Cc}\\]/u.test(path) || steps.some((step) => step === '..' || step === '.'))
    throw new PolicyFault('The archive has a path that leads out of it');
  return path;
};
