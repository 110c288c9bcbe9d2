const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already; stop it or choose another port',
  EACCES: 'this user may not; choose a port above 1023',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/** An address that can't be listened on. The message names it and the remedy. */
export class ListenError extends Error {
  readonly host: string;
  readonly port: number;
  readonly code: string | undefined;

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    const reason = reasons[cause.code ?? ''] ?? cause.message;
    super(`Can not listen on ${host}:${port}: ${reason}`, { cause });
    this.name = 'ListenError';
    this.host = host;
    this.port = port;
    this.code = cause.code;
  }
}
