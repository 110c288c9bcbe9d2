import { useState } from 'preact/hooks';
import type { Me } from '../api/contract.js';
import { me as signedIn } from '../api/me.js';
import { request } from '../api/request.js';
import { theme, type Theme } from '../theme.js';

const themes: readonly Theme[] = ['system', 'light', 'dark'];

/** Who is signed in, the way out, and how the page looks. */
export const Account = ({ me }: { readonly me: Me }) => {
  const [leaving, setLeaving] = useState(false);
  const signOut = async (): Promise<void> => {
    setLeaving(true);
    try {
      await request('/sign-out', { method: 'POST' });
      signedIn.value = undefined;
    } catch {
      // The connection tells that the gateway is away; whoever it does not know is out already.
      setLeaving(false);
    }
  };
  return (
    <div class="account">
      <fieldset class="segmented">
        <legend class="visually-hidden">Theme</legend>
        {themes.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="theme"
              checked={theme.value === name}
              onChange={() => {
                theme.value = name;
              }}
            />
            <span>{name.charAt(0).toUpperCase() + name.slice(1)}</span>
          </label>
        ))}
      </fieldset>
      <p>
        <strong>{me.user}</strong>
        <span class="quiet">
          {' '}
          {me.roles.join(', ')}
          {me.tenant === undefined ? '' : ` of ${me.tenant}`}
        </span>
      </p>
      <p class="account-foot">
        <button type="button" class="small" disabled={leaving} onClick={() => void signOut()}>
          Sign out
        </button>
        <span class="quiet">Sluice {me.version}</span>
      </p>
    </div>
  );
};
