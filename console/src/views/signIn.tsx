import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../api/apiError.js';
import { asApiError } from '../api/asApiError.js';
import type { SignInWays } from '../api/contract.js';
import { signIn } from '../api/signIn.js';
import { Brand } from '../parts/brand.js';
import { Field } from '../parts/field.js';

interface SignInProps {
  readonly ways: SignInWays;
  /** Why one is here, if there is a reason to tell. */
  readonly because: ApiError | undefined;
}

/** The way in: a key, or the provider that people sign in with elsewhere. */
export const SignIn = ({ ways, because }: SignInProps) => {
  const [key, setKey] = useState('');
  const [failed, setFailed] = useState<ApiError | undefined>(because);
  const [running, setRunning] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = 'Sign in · Sluice';
  }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setRunning(true);
    setFailed(undefined);
    try {
      await signIn(key.trim());
    } catch (error) {
      setFailed(asApiError(error));
      field.current?.focus();
    } finally {
      setRunning(false);
    }
  };

  return (
    <main class="sign-in" id="main">
      <div class="sign-in-box">
        <Brand large />
        <h1>Sign in to the console</h1>
        {ways.oidc === null ? null : (
          <a class="button primary" href="sign-in/oidc">
            Continue with {ways.oidc}
          </a>
        )}
        {ways.key ? (
          <form onSubmit={(event) => void submit(event)}>
            <Field label="Admin key" id="key" fault={failed?.message}>
              <input
                ref={field}
                id="key"
                type="password"
                autocomplete="current-password"
                aria-invalid={failed !== undefined}
                aria-describedby={failed === undefined ? undefined : 'key-note'}
                value={key}
                onInput={({ currentTarget }) => setKey(currentTarget.value)}
              />
            </Field>
            <button
              type="submit"
              class={ways.oidc === null ? 'primary' : ''}
              disabled={running || key.trim() === ''}
            >
              {running ? 'Signing in…' : 'Sign in'}
            </button>
          </form>
        ) : null}
        {!ways.key && failed !== undefined ? <p class="fault">{failed.message}</p> : null}
        <p class="quiet">
          {ways.key
            ? 'The key is what admin.key or admin.key_file says; without one, sluice start prints a link with a key for its run.'
            : 'No key is configured.'}
        </p>
        <p role="status" class="visually-hidden">
          {failed?.message}
        </p>
      </div>
    </main>
  );
};
