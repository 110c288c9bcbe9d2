import type { Channel } from '../../streams/channel.js';
import type { Principal } from '../../streams/exchange.js';
import type { Caller, Identify } from '../../streams/identify.js';
import { stillKnown } from '../../streams/stillKnown.js';

/** Closes a channel when whoever opened it would not be let in any more. */
export const endWithIdentity = (
  channel: Channel,
  identify: Identify,
  caller: Caller,
  principal: Principal,
): void => {
  const watching = stillKnown(identify, caller, principal).subscribe({
    error: () => channel.close('identity-ended'),
  });
  channel.onGone(() => watching.unsubscribe());
};
