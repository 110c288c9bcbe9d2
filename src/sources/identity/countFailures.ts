import { catchError, isObservable, throwError } from 'rxjs';
import { fromUnknown, refusal, type GatewayError, type GatewayErrorCode } from '../../protocol/errors.js';
import type { ClientAddress } from '../../streams/clientAddress.js';
import type { Identify } from '../../streams/identify.js';
import { failureReasons } from './failureReasons.js';
import type { Failures } from './failures.js';

export interface CountFailuresOptions {
  readonly failures: Failures;
  /** How many an address has in a minute; 0 for no limit. */
  readonly max: number;
  readonly addressOf: ClientAddress;
  readonly failed: (reason: (typeof failureReasons)[keyof typeof failureReasons]) => void;
}

/**
 * Tells of everybody who is not let in, and looks at no new credentials of an address that had too many refused.
 *
 * > Who is known already goes on from there: behind one address there may be a whole company, and one of them who guesses.
 *
 * To have shown nothing is no failure: OAuth clients begin like that.
 */
export const countFailures = (
  identify: Identify,
  { failures, max, addressOf, failed }: CountFailuresOptions,
): Identify => {
  const noted = (error: GatewayError, address: string): GatewayError => {
    const { code } = error;
    const isGuess = code === 'ERR_CREDENTIAL_INVALID' || code === 'ERR_CREDENTIAL_MALFORMED';
    const now = Date.now();
    const told = isGuess && failures.isUsedUp(address, max, now) ? throttled() : error;
    if (isGuess) failures.add(address, max, now);
    if (isReason(told.code)) failed(failureReasons[told.code]);
    return told;
  };
  return (caller) => {
    try {
      const found = identify(caller);
      if (!isObservable(found)) return found;
      const address = addressOf(caller) ?? '';
      if (failures.isUsedUp(address, max, Date.now())) {
        failed(failureReasons.ERR_CREDENTIALS_THROTTLED);
        return throwError(() => throttled());
      }
      return found.pipe(catchError((error: unknown) => throwError(() => noted(fromUnknown(error), address))));
    } catch (error) {
      throw noted(fromUnknown(error), addressOf(caller) ?? '');
    }
  };
};

const isReason = (code: GatewayErrorCode): code is keyof typeof failureReasons =>
  Object.hasOwn(failureReasons, code);

const throttled = () =>
  refusal('ERR_CREDENTIALS_THROTTLED', 'Too many credentials were refused: try again later', {
    headers: { 'retry-after': '60' },
  });
