import { createReadStream, rmSync, statSync } from 'node:fs';
import type { Observable, Subscription } from 'rxjs';
import type { AnalyticsSettings } from '../../config/analyticsSettings.js';
import { limits } from '../../config/limits.js';
import type { CallRecord } from '../../protocol/audit/callRecord.js';
import type { Log } from '../../streams/log.js';
import type { Analytics, Exported, ExportFormat, Question, Rows, Viewpoint } from './analytics.js';
import { AnalyticsError } from './analyticsError.js';
import { Asking } from './asking.js';
import { RecordQueue } from './recordQueue.js';
import { reports } from './reports.js';
import { StoreLink } from './storeLink.js';
import type { ExportedFile, FromStore } from './storeMessages.js';

export interface OpenAnalyticsOptions {
  readonly settings: AnalyticsSettings;
  /** What is to be stored; undefined for one who only asks, while no gateway runs. */
  readonly records$?: Observable<CallRecord> | undefined;
  readonly log: Log;
}

/** An {@link Analytics} that may not be open yet. */
export interface OpenedAnalytics extends Analytics {
  /** Rejects with an {@link AnalyticsError} when the folder is in use, or DuckDB can't be loaded. */
  readonly opened: Promise<void>;
}

/** How long a gateway that was ended may take to leave the folder, in milliseconds. */
const leavingMs = 5000;
/** How long records that wait may take to be stored at the end, in milliseconds. */
const lastMs = 5000;
/** An export may have so many times the rows of an answer. */
const exportRows = 100;

/**
 * Keeps all calls in a folder, in a process of its own, and answers questions about them. Records are taken in batches off the path of
 * calls: what was taken half a second ago is on disk. That process may end at any time, or its disk be full: calls go on, records wait,
 * and are dropped and counted when there are too many.
 */
export const openAnalytics = ({ settings, records$, log }: OpenAnalyticsOptions): OpenedAnalytics => {
  const { path, query } = settings;
  let status: Analytics['state']['status'] = 'away';
  let isFailing = false;
  let bytes = 0;
  let answer: { readonly resolve: () => void; readonly reject: (error: AnalyticsError) => void } | undefined;
  const opened = new Promise<void>((resolve, reject) => (answer = { resolve, reject }));
  // Who does not wait for it has it in the log.
  opened.catch(() => undefined);

  const take = (message: FromStore): void => {
    if ('notice' in message) {
      const { level, event, message: text, fields } = message.notice;
      log[level]({ event, ...fields }, text);
    } else if ('opened' in message) {
      status = 'ready';
      ({ bytes } = message);
      answer?.resolve();
      answer = undefined;
      queue.open();
      asking.opened();
    } else if ('refused' in message)
      refused(new AnalyticsError(message.refused.code, message.refused.message));
    else if ('appended' in message) {
      ({ bytes } = message);
      queue.done(message.appended);
      link.proven();
      if (isFailing) log.info({ event: 'analytics_back' }, 'Calls are stored again');
      isFailing = false;
    } else if ('appendFailed' in message) {
      failing(message.appendFailed);
      // After a failed write the database takes nothing more until it is opened anew.
      link.kill();
    } else {
      asking.answered(message);
      link.proven();
    }
  };
  const failing = (cause: string): void => {
    if (!isFailing)
      log.error(
        { event: 'analytics_failed', cause },
        'Calls can not be stored: they wait, and are dropped when there are too many',
      );
    isFailing = true;
  };
  const refused = (error: AnalyticsError): void => {
    if (answer === undefined) {
      failing(error.message);
      return link.kill();
    }
    log.error({ event: 'analytics_off', code: error.code }, error.message);
    answer.reject(error);
    void close();
  };
  const lost = (): void => {
    if (status === 'ready')
      log.warn({ event: 'analytics_restart' }, 'The process of analytics has ended and is started anew');
    if (status !== 'closed') status = 'away';
    queue.pause();
    asking.lost();
  };

  const queue = new RecordQueue(({ text, firstId }, again) => link.tell({ append: text, firstId, again }));
  const asking = new Asking(
    (message) => link.tell(message),
    () => link.kill(),
  );
  const subscription: Subscription | undefined = records$?.subscribe((record) => queue.push(record));
  const link = new StoreLink({
    store: {
      path,
      isReadOnly: records$ === undefined,
      retentionDays: settings.retentionDays,
      maxBytes: settings.maxBytes,
      memoryBytes: query.memoryBytes,
      threads: query.threads,
      spillBytes: limits.analyticsSpillBytes,
      waitMs: records$ === undefined ? 0 : leavingMs,
    },
    onMessage: take,
    onLost: lost,
  });

  const ask = (
    question: Question,
    { tenant, user }: Viewpoint,
    format?: ExportFormat,
  ): Promise<Rows | ExportedFile> => {
    if (status !== 'ready')
      throw new AnalyticsError('ERR_ANALYTICS_AWAY', 'Analytics is not there for a moment: try again soon');
    const bounds = {
      timeoutMs: query.timeoutMs,
      maxRows: format === undefined ? query.maxRows : query.maxRows * exportRows,
      maxBytes: limits.analyticsAnswerBytes,
    };
    return asking.ask({ question, tenant, format, ...bounds }, user);
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= end());
  const end = async (): Promise<void> => {
    subscription?.unsubscribe();
    if (status === 'ready') {
      const timer = setTimeout(() => link.kill(), lastMs);
      await Promise.race([queue.emptied(), asking.whenLost]);
      clearTimeout(timer);
    }
    status = 'closed';
    asking.close();
    queue.pause();
    await link.close();
  };

  return {
    opened,
    reports,
    get state() {
      const { pending, dropped, stored } = queue;
      return { status, pending, dropped, stored, restarts: link.restarts, bytes };
    },
    ask: async (question, viewpoint = {}) => (await ask(question, viewpoint)) as Rows,
    export: async (question, format, viewpoint = {}) =>
      fileOf((await ask(question, viewpoint, format)) as ExportedFile),
    close,
  };
};

/** A file is gone from the folder as soon as it is open. */
const fileOf = async ({ path, rows, truncated }: ExportedFile): Promise<Exported> => {
  const { size } = statSync(path);
  const content = createReadStream(path);
  await new Promise<void>((resolve, reject) => content.once('open', () => resolve()).once('error', reject));
  rmSync(path, { force: true });
  return { content, bytes: size, rows, truncated };
};
