import { openRaw } from './openRaw.js';
import type { RawAnswer } from './parseAnswer.js';
import { requestBytes, type RequestParts } from './requestBytes.js';

/** Sends one request on a connection of its own and gives the complete answer, whatever its status. */
export const ask = async (port: number, request: RequestParts, ms = 5000): Promise<RawAnswer> => {
  const connection = await openRaw(port);
  try {
    connection.write(requestBytes(port, request));
    return await connection.answer(ms);
  } finally {
    connection.destroy();
  }
};
