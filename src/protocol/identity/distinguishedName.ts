import { derChildren } from './derChildren.js';
import type { DerValue } from './derValue.js';

/** Attributes that people know by letters, by their object identifiers in hexadecimal. */
const letters: Readonly<Record<string, string>> = {
  '550403': 'CN',
  '550406': 'C',
  '550407': 'L',
  '550408': 'ST',
  '55040a': 'O',
  '55040b': 'OU',
  '0992268993f22c640119': 'DC',
};

/** A distinguished name (X.501), `O=Acme, CN=Acme CA`: attributes in the order in which they stand there. */
export const distinguishedName = (der: Buffer, name: DerValue): string =>
  derChildren(der, name)
    .flatMap((set) => derChildren(der, set))
    .map((pair) => {
      const [type, value] = derChildren(der, pair);
      const key = type === undefined ? '' : der.toString('hex', type.start, type.end);
      return `${letters[key] ?? key}=${value === undefined ? '' : der.toString('utf8', value.start, value.end)}`;
    })
    .join(', ');
