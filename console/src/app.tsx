import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from './api/apiError.js';
import { asApiError } from './api/asApiError.js';
import type { Me, SignInWays } from './api/contract.js';
import { me } from './api/me.js';
import { request } from './api/request.js';
import { signIn } from './api/signIn.js';
import { takeKey } from './api/takeKey.js';
import { isRecord } from './forms/isRecord.js';
import { Empty } from './parts/empty.js';
import { Failure } from './parts/failure.js';
import { Shell } from './shell.js';
import { SignIn } from './views/signIn.js';

/** The console: the sign-in for a stranger, everything else for who is known. */
export const App = () => {
  const [failed, setFailed] = useState<ApiError | undefined>(undefined);
  const [refused, setRefused] = useState<ApiError | undefined>(undefined);
  const [turn, setTurn] = useState(0);
  const known = me.value !== undefined;
  // At the beginning, and whenever the gateway does not know us any more.
  useEffect(() => {
    if (known) return;
    const begin = async (): Promise<void> => {
      const key = takeKey();
      if (key !== undefined) await signIn(key).catch((error: unknown) => setRefused(asApiError(error)));
      if (me.value === undefined) me.value = await request<Me>('/me');
    };
    setFailed(undefined);
    begin().catch((error: unknown) => setFailed(asApiError(error)));
  }, [known, turn]);

  if (me.value !== undefined) return <Shell me={me.value} />;
  if (failed === undefined) return <main id="main" class="sign-in" aria-busy="true" aria-label="Sluice" />;
  if (failed.status === 401) return <SignIn ways={waysOf(failed)} because={refused} />;
  return (
    <main id="main" class="sign-in">
      <div class="sign-in-box">
        <h1>Sluice</h1>
        {failed.status === 503 ? (
          <Empty title="The console is not set up">{failed.message}</Empty>
        ) : (
          <Failure error={failed} retry={() => setTurn(turn + 1)} />
        )}
      </div>
    </main>
  );
};

const waysOf = ({ body }: ApiError): SignInWays => {
  const ways = isRecord(body) && isRecord(body['sign_in']) ? body['sign_in'] : {};
  return {
    key: ways['key'] !== false,
    oidc: typeof ways['oidc'] === 'string' ? ways['oidc'] : null,
  };
};
