/** What is called so is a secret, whatever it looks like. */
const sure =
  /(?:authorization|api[-_]?keys?|access[-_]?keys?|account[-_]?key|private[-_]?key|secret[-_]?key|subscription[-_]?key|token|secrets?|passw(?:or)?d|passphrase|passwort|pwd|credentials?|cookie)$/i;
/** What is called so is one if it looks like one: a `sort-key` and a `session` may be words. */
const likely =
  /(?:auth|keys?|session|signature|bearer|jwt|dsn|app[-_]?id)$|(?:^|[-_.])(?:pass|pat|sig|sign|otp)$|^code$/i;

/**
 * How surely something that is called so in a configuration (a header, a variable, a parameter, an option of a program) is a secret; other
 * names say what tenant, what language.
 *
 * @returns undefined where it is none by its name
 */
export const secretName = (name: string): 'sure' | 'likely' | undefined =>
  sure.test(name) ? 'sure' : likely.test(name) ? 'likely' : undefined;
