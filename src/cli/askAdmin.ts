import { isObject } from '../protocol/jsonrpc.js';
import { CliError, exitCodes } from './cliError.js';

/** How long a gateway may take to answer, in milliseconds. */
const answerMs = 15_000;

/**
 * Asks the admin API of a running gateway.
 *
 * @param url the address of its admin listener
 * @throws CliError with what the gateway says is wrong
 */
export const askAdmin = async (
  url: string,
  key: string | undefined,
  path: string,
  body: object,
): Promise<unknown> => {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new CliError(`--url is not an http(s) address: ${url}`, {
      exitCode: exitCodes.usage,
      remedy: ['It is that of the admin listener, and looks like http://127.0.0.1:8081'],
    });
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL(`/api/v1${path}`, url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerMs),
    });
    text = await response.text();
  } catch (error) {
    throw new CliError(`The gateway at ${url} does not answer`, {
      cause: error,
      remedy: [
        'Is it running, and is this the address of its admin listener (`admin` in the configuration)?',
      ],
    });
  }
  const answer = parsed(text);
  if (response.ok && answer !== undefined) return answer;
  const { error } = answer ?? {};
  const message = isObject(error) && typeof error['message'] === 'string' ? error['message'] : undefined;
  throw new CliError(message ?? `The gateway at ${url} answers with ${response.status}`, {
    remedy:
      response.status === 401 ? ['Give an admin key with --key, or in SLUICE_ADMIN_KEY (`admin.key`).'] : [],
  });
};

const parsed = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
