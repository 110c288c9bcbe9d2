import { Counter, type Registry } from 'prom-client';
import { limits } from '../config/limits.js';
import type { ScopedRedaction } from '../config/redactSettings.js';
import type { Settings } from '../config/settings.js';
import { recordingVersion } from '../protocol/recording/recordedLine.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Redactor } from '../protocol/redaction/redactor.js';
import type { Secrets } from '../protocol/sealer.js';
import { LineMaker } from '../sinks/recording/lineMaker.js';
import { RecordingFiles } from '../sinks/recording/recordingFiles.js';
import { TrafficRecorder } from '../sinks/recording/trafficRecorder.js';
import type { Exchange } from '../streams/exchange.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import { redactions, type Redactions } from '../streams/redactions.js';
import { redactionKey } from './redactionKey.js';

/** A recording of requests and answers, if there is one. */
export interface RecordingTraffic {
  /** Takes an exchange that has arrived and gives the one to go on with; undefined where nothing is recorded. */
  readonly begun: ((exchange: Exchange) => Exchange) | undefined;
  readonly ended: (exchange: Exchange) => void;
  /** Resolves when the last line is on disk. */
  close(): Promise<void>;
}

export interface RecordingTrafficOptions {
  readonly keys: Latest<Secrets>;
  readonly log: Log;
  readonly serverInfo: Implementation;
  readonly worker?: number | undefined;
  readonly registry: Registry;
}

const none: RecordingTraffic = {
  begun: undefined,
  ended: () => undefined,
  close: () => Promise.resolve(),
};

/** Records what the settings ask for at the start of the gateway; what is taken out follows the settings of the moment. */
export const recordingTraffic = (
  settings: Latest<Settings>,
  options: RecordingTrafficOptions,
): RecordingTraffic => {
  const { record } = settings.current;
  if (record === undefined) return none;
  const { keys, log, serverInfo, registry } = options;
  const dropped = new Counter({
    name: 'mcp_gateway_recording_dropped_total',
    help: 'Requests, answers and notifications that found no room in the recording.',
    registers: [registry],
  });
  const startedAt = new Date();
  const epoch = performance.now();
  const name = nameOf(startedAt, options.worker);
  const files = new RecordingFiles({
    ...record,
    name,
    header: {
      kind: 'recording',
      version: recordingVersion,
      id: name,
      started_at: startedAt.toISOString(),
      release: serverInfo.version,
      sample: record.sample,
      ...(record.ignore.length > 0 && { ignore: record.ignore }),
    },
    maxPendingBytes: limits.recordingPendingBytes,
    onState(failure) {
      const fields = { folder: record.folder, code: failure?.code };
      if (failure === undefined)
        log.info({ event: 'recording_back', ...fields }, 'The recording is written again');
      else
        log.error({ event: 'recording_failed', ...fields }, 'The recording can not be written: it has holes');
    },
  });
  const lines = new LineMaker({
    epoch,
    serverInfo,
    redactorOf: redacting(settings, keys),
    policies: settings.current.opa !== undefined,
  });
  const recorder = new TrafficRecorder({
    sample: record.sample,
    maxWaiting: limits.recordingWaiting,
    onDropped: () => dropped.inc(),
    write(event) {
      if (!files.hasRoom) {
        event.call.lost++;
        dropped.inc();
        return;
      }
      const line = lines.line(event);
      if (line !== undefined) files.append(JSON.stringify(line));
    },
  });
  log.info(
    { event: 'recording', folder: record.folder, sample: record.sample },
    'Requests and answers are recorded',
  );
  return {
    begun: (exchange) => recorder.begun(exchange),
    ended: (exchange) => recorder.ended(exchange),
    close() {
      recorder.close();
      return files.close();
    },
  };
};

/** Sorts by time, and is another one for each process. */
const nameOf = (at: Date, worker: number | undefined): string => {
  const time = at.toISOString().replace(/[-:.]/g, '');
  return `recording-${time}-${process.pid.toString(36)}${worker === undefined ? '' : `-w${worker}`}`;
};

/** All rules there are, for whatever they are meant: a recording is read by others than those who call. */
const redacting = (
  settings: Latest<Settings>,
  keys: Latest<Secrets>,
): ((exchange: Exchange) => Redactor | undefined) => {
  let made: { readonly of: Settings; readonly with: Secrets; readonly find: Redactions } | undefined;
  const current = (): Redactions => {
    const [now, secrets] = [settings.current, keys.current];
    if (made?.of !== now || made.with !== secrets)
      made = {
        of: now,
        with: secrets,
        find: redactions(
          { rules: rulesOf(now), holdMs: limits.redactHoldMs },
          redactionKey(now, secrets),
          now.naming.separator,
        ),
      };
    return made.find;
  };
  return ({ notes }) => {
    const mask = notes.decision?.obligations.mask;
    const nowhere = { server: '', prefix: '', tool: undefined, tenant: undefined };
    return current()({ ...nowhere, mask })?.arguments;
  };
};

const rulesOf = ({ redact, record }: Settings): readonly ScopedRedaction[] =>
  [...(redact?.rules ?? []), ...(record?.rules ?? [])].map(
    ({ name, detect, patterns, paths, action, keepLast }) => ({
      name,
      detect,
      patterns,
      paths,
      action,
      keepLast,
      direction: 'both',
    }),
  );
