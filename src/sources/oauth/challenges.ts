/** What a server asks for in one `WWW-Authenticate` (RFC 9110, 11.6.1). Scheme and names of parameters are lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Longer ones are cut: what lies beyond is not for us. */
const maxLength = 8192;

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const scheme = new RegExp(`^(${token})(?= |,|$)`);
const parameter = new RegExp(`^(${token})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`);
const token68 = /^[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/;

/**
 * The challenges of an answer, in order.
 *
 * @param header the values of `WWW-Authenticate`
 * @returns as many as can be read; what is malformed ends the reading of its value
 */
export const challenges = (header: string | readonly string[] | undefined): readonly Challenge[] => {
  if (header === undefined) return [];
  return (typeof header === 'string' ? [header] : header).flatMap(parse);
};

const parse = (value: string): readonly Challenge[] => {
  const found: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = value.slice(0, maxLength).trimStart();
  while (rest !== '') {
    const last = found.at(-1);
    const [pair, name = '', quoted, plain = ''] = parameter.exec(rest) ?? [];
    const [, named = ''] = scheme.exec(rest) ?? [];
    if (pair !== undefined && last !== undefined) {
      const key = name.toLowerCase();
      if (!Object.hasOwn(last.parameters, key))
        last.parameters[key] = quoted?.replace(/\\(.)/g, '$1') ?? plain;
      rest = rest.slice(pair.length);
    } else if (named !== '') {
      found.push({ scheme: named.toLowerCase(), parameters: {} });
      rest = rest.slice(named.length).trimStart();
      // A credential in place of parameters (`Negotiate abc==`) says nothing here.
      if (parameter.exec(rest) === null) rest = rest.replace(token68, '');
    } else return found;
    rest = rest.replace(/^[ \t,]+/, '');
  }
  return found;
};
