import { jsonPath, type JsonPath } from './jsonPath.js';

/**
 * Reads what names a part of an answer.
 *
 * @param text a JSON path (`$..updatedAt`) or a pointer (`/result/structuredContent/time`), in which `*` is any member
 * @returns undefined for what is neither
 */
export const answerPath = (text: string): JsonPath | undefined => {
  if (text.startsWith('/')) return text.slice(1).split('/').map(stepOf);
  try {
    const path = jsonPath(text);
    return path.length > 0 ? path : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

const stepOf = (part: string): JsonPath[number] => {
  const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
  return { deep: false, key: name === '*' ? undefined : /^\d{1,9}$/.test(name) ? Number(name) : name };
};
