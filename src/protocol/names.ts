import { createHash } from 'node:crypto';

/** Longest name that every LLM vendor takes together with its own prefix. */
export const maxNameLength = 60;

const hashLength = 8;

/**
 * The name under which a server's tool or prompt is exposed: `{prefix}{separator}{name}`, at most 60 characters of
 * `[A-Za-z0-9_-]`. A longer one is cut and ends in a hash of the whole, so it is the same on every instance and every day.
 */
export const exposedName = (prefix: string, separator: string, name: string): string => {
  const whole = prefix === '' ? name : `${prefix}${separator}${name}`;
  const fitting = whole.replace(/[^A-Za-z0-9_-]/g, '_');
  return fitting.length <= maxNameLength && fitting.length > 0 ? fitting : hashedName(fitting, whole);
};

/** The name of the later one of two that would be exposed alike: it ends in a hash of where it comes from. */
export const distinctName = (exposed: string, server: string, name: string): string =>
  hashedName(exposed, `${server}\0${name}`);

const hashedName = (readable: string, whole: string): string => {
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, hashLength);
  return `${readable.slice(0, maxNameLength - hashLength - 1)}_${hash}`;
};
