/** Whether a text has at least so many digits. Most texts have not, and need not be searched for numbers. */
export const hasDigits = (text: string, least: number): boolean => {
  let left = least;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57 && --left === 0) return true;
  }
  return false;
};
