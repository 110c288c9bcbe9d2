import { firstValueFrom, isObservable } from 'rxjs';
import type { Prompt } from '../../src/streams/sessions.js';
import { within } from './within.js';

/** The value, whether it was at hand or had to be waited for. */
export const settled = async <T>(answer: Prompt<T>): Promise<T> =>
  within(12_000, 'an answer', isObservable(answer) ? firstValueFrom(answer) : Promise.resolve(answer));
