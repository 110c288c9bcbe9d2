import type { Inside, Insiders, Questions } from './questions.js';

/** The gateway of this process as the one to be asked. */
export const insidersOf = (inside: Inside): Insiders => {
  const ask = async <K extends keyof Questions>(
    of: K,
    question: Questions[K]['ask'],
  ): Promise<Questions[K]['gives']> => inside[of](question);
  return { one: ask, all: async (of, question) => [await ask(of, question)] };
};
