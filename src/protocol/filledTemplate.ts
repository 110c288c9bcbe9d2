import { isObject } from './jsonrpc.js';

/** An expression of a template (RFC 6570): its operator, and the names in it. */
const expression = /\{([+#./;?&]?)([^{}]*)\}/g;

const before: Readonly<Record<string, string>> = {
  '#': '#',
  '/': '/',
  '.': '.',
  ';': ';',
  '?': '?',
  '&': '&',
};
const between: Readonly<Record<string, string>> = { '/': '/', '.': '.', ';': ';', '?': '&', '&': '&' };

/**
 * A template of URIs with what is known filled in (RFC 6570, 3.2); an expression of which something is not known stays. Without
 * braces it is a URI.
 *
 * @param values by the names of variables; what is no text is not known
 */
export const filledTemplate = (template: string, values: unknown): string =>
  template.replace(expression, (whole, operator: string, list: string) => {
    const names = list.split(',').map((name) => name.replace(/(?::\d+|\*)$/, ''));
    const known = names.map((name) =>
      isObject(values) && Object.hasOwn(values, name) ? values[name] : undefined,
    );
    if (!known.every((value) => typeof value === 'string')) return whole;
    const isNamed = operator === ';' || operator === '?' || operator === '&';
    const filled = known.map((value, index) => {
      const text = operator === '+' || operator === '#' ? reserved(value) : simple(value);
      return isNamed ? `${names[index] ?? ''}=${text}` : text;
    });
    return `${before[operator] ?? ''}${filled.join(between[operator] ?? ',')}`;
  });

/** Half a pair of surrogates can't be written in a URI: no URI is made of it. */
const wellFormed = (text: string): string => Buffer.from(text).toString('utf8');
const simple = (text: string): string => encodeURIComponent(wellFormed(text));
const reserved = (text: string): string => encodeURI(wellFormed(text)).replace(/%25([0-9A-Fa-f]{2})/g, '%$1');
