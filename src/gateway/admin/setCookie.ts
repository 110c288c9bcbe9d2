/** A cookie of the console, as a browser is to keep it. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** `Lax` for what a browser has to show when another site sends it here. */
  readonly sameSite: 'Strict' | 'Lax';
  readonly secure: boolean;
  /** Undefined for as long as the browser is open. */
  readonly maxAgeS?: number;
}

/** The header that sets it; no script can read it. */
export const setCookie = ({ name, value, sameSite, secure, maxAgeS }: Cookie): string =>
  [
    `${name}=${value}`,
    'Path=/',
    'HttpOnly',
    `SameSite=${sameSite}`,
    ...(secure ? ['Secure'] : []),
    ...(maxAgeS === undefined ? [] : [`Max-Age=${maxAgeS}`]),
  ].join('; ');
