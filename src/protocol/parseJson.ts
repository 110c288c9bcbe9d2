import { isDeeperThan } from './depth.js';

/**
 * Parses JSON that comes from outside.
 *
 * @param maxDepth levels allowed; whoever writes the value again (`JSON.stringify`) needs a stack frame a level
 * @returns undefined for what is no JSON or too deep
 */
export const parseJson = (text: string, maxDepth: number): unknown => {
  if (isDeeperThan(text, maxDepth)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // no JSON: the caller has the text
  }
};

/**
 * Levels of nesting in a message of a backend: far more than any tool's schema has, far fewer than `JSON.stringify` can take.
 */
export const maxMessageDepth = 512;
