/** What the pages need of the gateway, by the settings of the moment. */
import type { Observable } from 'rxjs';
import type { Headers } from '../../protocol/classify.js';
import type { ConnectSeals } from '../../protocol/connect/connectSeals.js';
import type { Identify } from '../../streams/identify.js';
import type { Log } from '../../streams/log.js';
import type { GuardOptions } from '../http/guard.js';
import type { SignIn } from '../oauth/signIn.js';
import type { WebConsent } from '../oauth/webConsent.js';

export interface ConnectHost {
  /** Whether any server is used in the name of persons; else there are no pages. */
  isOpen(): boolean;
  guard(): GuardOptions;
  /** Scheme, host and port as browsers see them. */
  originOf(headers: Headers): string;
  seals(): ConnectSeals;
  /** Undefined for a server that is not, or no more, used in the name of persons. */
  consentAt(server: string): WebConsent | undefined;
  /** Undefined for an issuer whose persons can not sign in. */
  signInAt(issuer: string): SignIn | undefined;
  /** Whether keys may be typed in. */
  takesKeys(): boolean;
  readonly identify: Identify;
  /** True for the first who asks with this word, at whichever instance. */
  once(word: string): Observable<boolean>;
  /** A grant was given at this instance. */
  given(key: string): void;
  readonly log: Log;
}
