/** Who can log in. */
export interface Person {
  readonly username: string;
  readonly password: string;
}

const person = (username: string): Person => ({ username, password: `${username}'s password` });

/** Those of realm.json (ann, an analyst of acme; bob, an operator of globex) and of otherRealm.json (eve). */
export const people = { ann: person('ann'), bob: person('bob'), eve: person('eve') } as const;
