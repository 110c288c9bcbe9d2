import type { ConsoleRecord } from '../../protocol/audit/auditRecord.js';
import type { Log } from '../../streams/log.js';
import type { Person } from './person.js';
import type { Insiders } from './questions.js';

/** What somebody who looks after the gateway has done; never what they showed. */
export interface ConsoleEvent {
  readonly event: 'signed_in' | 'sign_in_refused' | 'signed_out' | 'session_ended';
  readonly method: Person['method'];
  readonly person?: Person;
  readonly address: string | undefined;
  /** Digest of a session that was ended. */
  readonly session?: string;
}

const texts: Readonly<Record<ConsoleEvent['event'], string>> = {
  signed_in: 'Somebody has signed in to the console',
  sign_in_refused: 'Somebody was not let in to the console',
  signed_out: 'Somebody has signed out of the console',
  session_ended: 'Somebody has ended a session at the console',
};

/** Writes it into the log, and into the audit trail of the gateway that answers for it. */
export const noted = (
  { event, method, person, address, session }: ConsoleEvent,
  { insiders, log }: { readonly insiders: Insiders; readonly log: Log },
): void => {
  const { user, role, tenant } = person ?? {};
  const fields = { event: `console_${event}`, method, address, user, role, tenant, session };
  log[event === 'sign_in_refused' ? 'warn' : 'info'](fields, texts[event]);
  const record: ConsoleRecord = {
    time: new Date().toISOString(),
    kind: `console_${event}`,
    ...(person !== undefined && { person: { user: person.user, role: person.role, tenant } }),
    method,
    address,
    session,
  };
  insiders.one('note', record).catch((cause: unknown) => {
    // No worker is there to write it down; the log has it.
    log.warn({ event: 'console_not_audited', cause }, 'The audit trail could not be told of it');
  });
};
