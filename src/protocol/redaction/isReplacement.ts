/** Whether a text stands in another's place already: what has been redacted once is not redacted again. */
export const isReplacement = (text: string): boolean => text.startsWith('[redacted:') && text.endsWith(']');
