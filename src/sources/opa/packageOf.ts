const step = String.raw`\w+|\["[^"\]]+"\]`;
const declaration = new RegExp(String.raw`^\s*package\s+(\w+(?:\.(?:${step})|\["[^"\]]+"\])*)`, 'm');

/** The package that a file of Rego is, as a path: `a/b` for `package a.b`; undefined where it says none. */
export const packageOf = (rego: string): string | undefined =>
  declaration
    .exec(rego)?.[1]
    ?.split(/\.|(?=\[)/)
    .filter((part) => part !== '')
    .map((part) => part.replace(/^\["|"\]$/g, ''))
    .join('/');
