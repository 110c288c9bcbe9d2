/** Why the agent gave no answer, for the health page and the log: no address, no token, nothing it wrote. */
export const consulFailure = (error: unknown): string => {
  const { code, statusCode, isTimeout } = error as {
    readonly code?: unknown;
    readonly statusCode?: unknown;
    readonly isTimeout?: unknown;
  };
  if (statusCode === 403) return 'Consul refuses the ACL token (403)';
  if (typeof statusCode === 'number') return `Consul answers with status ${statusCode}`;
  if (isTimeout === true) return 'Consul does not answer in time';
  if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code)) return `Consul can not be reached (${code})`;
  return 'Consul can not be reached, or does not answer as it should';
};
