import { Type } from '@sinclair/typebox';
import { headerPattern, headerValue } from './kinds.js';
import { serverOauth } from './oauth.js';

const closed = { additionalProperties: false } as const;

/** What a server is shown so that it lets the gateway in; see docs/upstream-credentials.md. */
export const serverCredentials = {
  headers: Type.Optional(
    Type.Record(Type.String({ pattern: headerPattern }), headerValue('Value of the header.'), {
      ...closed,
      title: 'header name',
      description: "Sent with every request: the backend's own credential lives here.",
    }),
  ),
  header_files: Type.Optional(
    Type.Record(Type.String({ pattern: headerPattern }), Type.String({ minLength: 1 }), {
      ...closed,
      title: 'header name',
      description: 'Headers whose values stand in files, which are read again when they change.',
    }),
  ),
  basic: Type.Optional(
    Type.Object(
      {
        username: Type.String({ minLength: 1, pattern: '^[^:]+$', description: 'Name of the user.' }),
        password: Type.Optional(Type.String({ minLength: 1, description: 'The password.' })),
        password_file: Type.Optional(
          Type.String({ minLength: 1, description: 'File with the password, read again when it changes.' }),
        ),
      },
      { ...closed, description: 'Authorization by name and password (RFC 7617).' },
    ),
  ),
  tls: Type.Optional(
    Type.Object(
      {
        ca: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'File of certificates (PEM) to trust, in place of those of the system.',
          }),
        ),
        cert: Type.Optional(
          Type.String({ minLength: 1, description: "File with the gateway's own certificate (PEM)." }),
        ),
        key: Type.Optional(Type.String({ minLength: 1, description: 'File with its private key (PEM).' })),
        server_name: Type.Optional(
          Type.String({
            minLength: 1,
            description: "The name that the server's certificate must have. Default: that of its address.",
          }),
        ),
      },
      {
        ...closed,
        description:
          'TLS with the server: mutual, where it has a certificate. Files are read again when they change.',
      },
    ),
  ),
  oauth: Type.Optional(serverOauth),
};
