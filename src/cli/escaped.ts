/** Text of a server with all that is not seen written out (`\u{200b}`): hidden characters show, and a terminal obeys none. */
export const escaped = (text: string): string =>
  text.replace(
    /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
