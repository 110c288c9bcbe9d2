/** Names of tools, methods and arguments, paths to them; and no number with which a person or a card could be found. */
const named = /^(?!.*\d{7})[A-Za-z0-9_$./[\]-]{1,128}$/;

/** A name that a client has given, for the log: as it is if it can be a name, else something in its place. */
export const loggedName = (name: string): string => (named.test(name) ? name : '[not a name]');
