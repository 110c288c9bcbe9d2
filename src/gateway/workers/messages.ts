/** What the first process and its workers tell each other besides what the stores do. Plain data: it crosses processes. */
import type { CallRecord } from '../../protocol/audit/callRecord.js';
import type { FromWorker, ToWorker } from '../../stores/workers/messages.js';
import type { Asked, Question } from '../admin/asked.js';
import type { Health } from '../health.js';
import type { Announced } from './announced.js';

/** What a worker begins with. */
export interface Beginning {
  /** Which of the workers it is, from 1; its successor is the same one. */
  readonly number: number;
  /** Its id among the instances. */
  readonly instance: string;
  /** The settings, packed (see packed.ts). */
  readonly settings: unknown;
  /** What seals where the configuration names no keys. */
  readonly key: Uint8Array;
  /** The port to listen on; 0 for that of the settings. */
  readonly port: number;
  /** Path of the socket at which other workers reach it; undefined for a port of its own, that other machines reach. */
  readonly socket?: string;
}

/** One metric, as the registry of a worker gives it. */
export type MetricJson = Readonly<Record<string, unknown>> & { readonly name: string; readonly type: string };

/** What a worker can be asked for. */
export interface Reports {
  readonly health: Health;
  readonly metrics: readonly MetricJson[];
  /** Whether it is there at all. */
  readonly pulse: true;
  /** Its answer to a question of the console. */
  readonly asked: Asked;
}

/** Records of calls, and how many since the last batch found no room. */
export interface RecordBatch {
  readonly records: readonly CallRecord[];
  readonly dropped: number;
}

export type Order =
  | { readonly begin: Beginning }
  | { readonly settings: unknown }
  | { readonly store: ToWorker }
  | { readonly report: number; readonly of: keyof Reports; readonly question?: Question | undefined }
  /** To say on the terminal that all are ready. @see banner */
  | { readonly announce: Announced }
  /** Whether it is to hand over the records of its calls. */
  | { readonly records: boolean }
  | { readonly stop: true };

export type Told =
  /** The version of its program. */
  | { readonly hello: string }
  | { readonly store: FromWorker }
  /** Base URL of the listener that all share. */
  | { readonly listening: string }
  /** It could not listen. */
  | {
      readonly refused: {
        readonly host: string;
        readonly port: number;
        readonly code?: string;
        readonly message: string;
      };
    }
  | { readonly ready: true }
  /** It was told by a signal to leave. */
  | { readonly leaving: true }
  | RecordBatch
  | ({ readonly report: number } & Partial<Reports>);

const orders = ['begin', 'settings', 'store', 'report', 'announce', 'records', 'stop'];
const tellings = ['hello', 'store', 'listening', 'refused', 'ready', 'leaving', 'records', 'report'];

/** Whether something that came over the channel is one of ours: a library may use that too. */
export const isOrder = (value: unknown): value is Order => hasOne(value, orders);
/** The same for what a worker says. */
export const isTold = (value: unknown): value is Told => hasOne(value, tellings);

const hasOne = (value: unknown, keys: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && keys.some((key) => Object.hasOwn(value, key));
