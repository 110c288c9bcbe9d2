import type { ComponentChildren } from 'preact';
import type { Resource } from '../api/useResource.js';
import { Failure } from './failure.js';

interface LoadedProps<T> {
  readonly of: Resource<T>;
  readonly children: (data: T) => ComponentChildren;
}

/** A part of the API as soon as it is here; before that a placeholder, or why it is not. */
export const Loaded = <T,>({ of, children }: LoadedProps<T>) => {
  if (of.error !== undefined) return <Failure error={of.error} retry={of.reload} />;
  if (of.data === undefined)
    return (
      <div class="loading" role="status">
        <span class="visually-hidden">Loading</span>
        <span class="bone" />
        <span class="bone" />
        <span class="bone" />
      </div>
    );
  return <div aria-busy={of.loading}>{children(of.data)}</div>;
};
