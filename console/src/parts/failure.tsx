import type { ApiError } from '../api/apiError.js';

/** What the API said no with, and the way to ask again. A part that is switched off is no fault: it is told calmly. */
export const Failure = ({ error, retry }: { readonly error: ApiError; readonly retry?: () => void }) => {
  const off = error.status === 501;
  return (
    <div class={off ? 'empty' : 'failure'} role={off ? 'status' : 'alert'}>
      <p class="empty-title">{off ? 'Not switched on' : 'That did not work'}</p>
      <p class="empty-text">
        {error.message} {off ? null : <code>{error.code}</code>}
      </p>
      {retry === undefined || off ? null : (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
};
