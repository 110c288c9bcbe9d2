/** What a time limit has to be. */
export const aTime = 'a whole number of milliseconds above 0, of nine digits at most';

const maxShown = 20;

/**
 * The notice that something a registration says is not done.
 *
 * @param what the key
 * @param text its value, of which only the beginning is shown
 * @param wanted what it should be
 */
export const ignored = (what: string, text: string, wanted: string): string => {
  const shown = JSON.stringify(text.length > maxShown ? `${text.slice(0, maxShown)}…` : text);
  return `${what} is ignored: ${shown} is not ${wanted}`;
};
