import type { ClientTlsSettings } from './clientTlsSettings.js';
import type { RawMcpServer } from './schema/servers.js';
import { Secret } from './secret.js';

/** The `tls` of a server as the program uses it; its files have been read (fillSecrets.ts). */
export const toClientTls = ({
  ca,
  cert,
  key,
  server_name: serverName,
}: NonNullable<RawMcpServer['tls']>): ClientTlsSettings => ({
  ...(ca !== undefined && { ca }),
  ...(cert !== undefined && { cert }),
  ...(key !== undefined && { key: new Secret(Buffer.from(key)) }),
  ...(serverName !== undefined && { serverName }),
});
