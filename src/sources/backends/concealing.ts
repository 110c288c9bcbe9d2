import { map } from 'rxjs';
import { concealer } from '../../protocol/redaction/concealer.js';
import type { Backend } from '../../streams/backend.js';
import { withoutSecrets } from './withoutSecrets.js';

/**
 * A backend whose own credentials nobody sees who calls it: what it repeats of them, in what it offers or answers, is taken out.
 *
 * @param secrets as for {@link withoutSecrets}
 */
export const concealing = (backend: Backend, secrets: () => readonly string[]): Backend => {
  const conceal = concealer(secrets);
  return {
    ...backend,
    offer: () => backend.offer().pipe(map((offer) => conceal.message(offer))),
    invoke: (call) => withoutSecrets(backend.invoke(call), conceal),
  };
};
