import { Readable } from 'node:stream';
import type { Settings } from '../config/settings.js';
import type { Analytics, ExportFormat, Question, Rows } from '../sinks/analytics/analytics.js';
import { AnalyticsError } from '../sinks/analytics/analyticsError.js';
import { openAnalytics } from '../sinks/analytics/openAnalytics.js';
import { silent } from '../streams/log.js';
import { CliError } from './cliError.js';
import { readConfig } from './readConfig.js';
import type { Terminal } from './terminal.js';

/** Where past calls are to be found. */
export interface AnalyticsSource {
  readonly config: string;
  /** The admin listener to ask, whatever the configuration says. */
  readonly adminUrl?: string;
  /** The admin key; undefined for none. */
  readonly key: string | undefined;
}

/** Answers questions, from wherever that is. */
export type Answering = Pick<Analytics, 'ask'> & {
  export(
    question: Question,
    format: ExportFormat,
  ): Promise<{ readonly content: Readable; readonly truncated: boolean }>;
};

/**
 * Lets `use` ask: the files that the configuration names, or the gateway that has them.
 *
 * @throws CliError
 */
export const withAnalytics = async (
  { config, adminUrl, key }: AnalyticsSource,
  terminal: Terminal,
  use: (answering: Answering) => Promise<void>,
): Promise<void> => {
  if (adminUrl !== undefined) return use(overHttp(adminUrl, key));
  const reading = readConfig(config, terminal);
  if (reading.settings === undefined) throw new CliError(reading.text, { remedy: [reading.count] });
  const { analytics: settings, admin } = reading.settings;
  if (settings === undefined)
    throw new CliError(`${reading.file} keeps no calls`, {
      remedy: ['Add to it:', '', '  analytics: { path: ./analytics }'],
    });
  const local = openAnalytics({ settings, log: silent });
  try {
    await local.opened;
    await use(local);
  } catch (error) {
    if (!(error instanceof AnalyticsError)) throw error;
    if (error.code !== 'ERR_ANALYTICS_IN_USE') throw new CliError(error.message, { cause: error });
    await use(overHttp(addressOf(admin), key));
  } finally {
    await local.close();
  }
};

const addressOf = ({ host, port }: Settings['admin']): string => {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
};

/** A gateway asked over its admin listener. */
const overHttp = (adminUrl: string, key: string | undefined): Answering => {
  if (key === undefined || key === '')
    throw new CliError(`The gateway at ${adminUrl} wants an admin key`, {
      remedy: [
        'Put it into SLUICE_ADMIN_KEY, or name its file with --key-file.',
        'See `admin.key` in the configuration, and docs/console.md.',
      ],
    });
  const send = async (question: Question, format: ExportFormat | undefined): Promise<Response> => {
    const { url, init } = requestOf(adminUrl, question, format);
    let response: Response;
    try {
      response = await fetch(url, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${key}` },
        redirect: 'error',
      });
    } catch (error) {
      throw new CliError(`The admin listener ${adminUrl} does not answer`, {
        cause: error,
        remedy: ['Name the right one with --admin-url.'],
      });
    }
    if (response.ok) return response;
    const text = await response.text();
    throw new CliError(messageIn(text) ?? `The admin listener answers ${response.status}`);
  };
  return {
    ask: async (question) => (await (await send(question, undefined)).json()) as Rows,
    async export(question, format) {
      const { body, headers } = await send(question, format);
      return {
        content: body === null ? Readable.from([]) : Readable.fromWeb(body),
        truncated: headers.get('sluice-truncated') === 'true',
      };
    },
  };
};

const requestOf = (adminUrl: string, question: Question, format: ExportFormat | undefined) => {
  const base = `${adminUrl.replace(/\/$/, '')}/api/v1/analytics`;
  if ('sql' in question)
    return {
      url: `${base}/query`,
      init: {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sql: question.sql, format }),
      },
    };
  const query = new URLSearchParams(
    Object.entries({ ...question.parameters, format }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    ),
  );
  return {
    url: `${base}/reports/${encodeURIComponent(question.report)}?${query.toString()}`,
    init: { method: 'GET' },
  };
};

const messageIn = (text: string): string | undefined => {
  try {
    return (JSON.parse(text) as { readonly error?: { readonly message?: string } }).error?.message;
  } catch {
    // Something else answers there.
    return undefined;
  }
};
