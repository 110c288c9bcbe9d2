import { isObservable, of, type Observable } from 'rxjs';
import type { Prompt } from './sessions.js';

/** A value as an Observable, whether it is at hand or has to be waited for. */
export const prompted = <T>(value: Prompt<T>): Observable<T> => (isObservable(value) ? value : of(value));
