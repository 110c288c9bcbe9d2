/** What a policy asks for where it allows a call. Everything that is given is done, or the call does not take place. */
export interface Obligations {
  /** JSON paths (`$.customer.ssn`) of what is masked: in the result, or in the arguments where they begin with `arguments`. */
  readonly mask?: readonly string[];
  /** Added to the request to the backend; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Scopes that the caller's credential must have. */
  readonly scopes?: readonly string[];
  /** How often a minute the caller may do this. */
  readonly perMinute?: number;
}

/** What policies say of one call. */
export interface Decision {
  readonly allow: boolean;
  /** Why, in the policy's own words. For the log; the caller is told it only of a call to what it may see. */
  readonly reason?: string;
  readonly obligations: Obligations;
  /** Which policy said it; of several that allow, all. For log, audit and metrics. */
  readonly policy: string;
  /** Nothing was decided, because the policy could not be asked or did not make sense; then nothing is allowed. For the log. */
  readonly fault?: string;
  /** The caller may not see either what it is denied. */
  readonly hidden?: true;
}

/** Where no policy has a say. */
export const undecided: Decision = Object.freeze({
  allow: true,
  obligations: Object.freeze({}),
  policy: 'none',
});
