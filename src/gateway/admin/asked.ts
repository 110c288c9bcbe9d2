import { ApiError, type ApiErrorCode } from './apiError.js';
import type { Inside, Questions } from './questions.js';

/** A question on its way to another process. */
export interface Question {
  readonly of: keyof Questions;
  readonly ask: unknown;
}

/** What comes back. */
export interface Asked {
  readonly gives?: unknown;
  readonly refused?: { readonly code: ApiErrorCode; readonly message: string };
}

/** Answers a question that came from the process that listens for the console. Rejects for a fault of ours. */
export const asked = async (inside: Inside, { of, ask }: Question): Promise<Asked> => {
  try {
    const answer = inside[of] as (ask: unknown) => unknown;
    return { gives: await answer(ask) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
};
