import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/**
 * An MCP endpoint that takes one message a POST, ends any session it is told to, and offers no stream by GET. Not listening yet.
 *
 * @param serve answers a message, taken for an `M`
 */
export const endpointServer = <M>(
  serve: (request: IncomingMessage, response: ServerResponse, message: M) => void,
): Server =>
  createServer((request, response) => {
    if (request.method === 'DELETE') return void response.writeHead(200).end();
    if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => serve(request, response, JSON.parse(Buffer.concat(chunks).toString()) as M));
  });
