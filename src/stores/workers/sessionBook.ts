import type { Subscription } from 'rxjs';
import { fromUnknown } from '../../protocol/errors.js';
import type { Home } from '../../streams/homes.js';
import type { Session, SessionStore } from '../../streams/sessions.js';
import { untold, type Answered, type FromWorker, type Question, type ToWorker } from './messages.js';

/** Sends to one worker; must not throw for one that has gone. */
export type Tell = (message: ToWorker) => void;

/** A worker as the book knows it. */
interface Member {
  readonly tell: Tell;
  home: Home | undefined;
}

/**
 * The sessions of all workers, and which of them is at home to which: kept by the process that lives as long as any of them.
 *
 * > A worker that dies takes with it what was open, not the sessions.
 */
export class SessionBook {
  readonly #sessions: SessionStore;
  readonly #members = new Map<string, Member>();
  readonly #endings: Subscription;

  /** @param sessions whose memory answers at once; it is closed with the book */
  constructor(sessions: SessionStore) {
    this.#sessions = sessions;
    this.#endings = sessions.changes$.subscribe(({ kind, id }) => {
      if (kind === 'ended') this.#tellAll({ ended: id });
    });
  }

  /** How many sessions live. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Takes a worker in. @param instance its id */
  join(instance: string, tell: Tell): void {
    this.#members.set(instance, { tell, home: undefined });
    tell({ instances: this.#homes() });
  }

  /** The worker is gone: whoever is asked for one of its sessions takes that over. */
  part(instance: string): void {
    if (this.#members.delete(instance)) this.#tellAll({ instances: this.#homes() });
  }

  /** Answers what a worker asks. */
  take(instance: string, { question, body }: FromWorker): void {
    const member = this.#members.get(instance);
    if (member === undefined) return;
    const answer = this.#answer(instance, member, body);
    if (question !== untold) member.tell({ answer: question, body: answer });
  }

  close(): void {
    this.#endings.unsubscribe();
    this.#sessions.close();
  }

  #answer(instance: string, member: Member, question: Question): Answered {
    try {
      switch (question.ask) {
        case 'enter':
          return this.#settle(member, { instance, address: question.address, state: 'alive' });
        case 'leave':
          return member.home === undefined ? {} : this.#settle(member, { ...member.home, state: 'leaving' });
        case 'get':
          return { session: this.#at(question.id) };
        case 'put':
          return this.#put(question.session);
        case 'delete':
          return { found: this.#sessions.delete(question.id) as boolean };
        case 'takeOver':
          return { session: this.#takeOver(instance, question.id, question.from) };
      }
    } catch (error) {
      const { code, message, data, headers } = fromUnknown(error);
      return { refused: { code, message, data, ...(headers !== undefined && { headers }) } };
    }
  }

  #at(id: string): Session | undefined {
    return this.#sessions.get(id) as Session | undefined;
  }

  #put(session: Session): Answered {
    // Where it is at home is not for whoever changes something else of it.
    const home = this.#at(session.id)?.home ?? session.home;
    this.#sessions.put({ ...session, home });
    return {};
  }

  /** Compare and set. */
  #takeOver(instance: string, id: string, from: string): Session | undefined {
    const session = this.#at(id);
    if (session?.home !== from) return session;
    const taken = { ...session, home: instance };
    this.#sessions.put(taken);
    this.#members.get(from)?.tell({ lost: id });
    return taken;
  }

  #settle(member: Member, home: Home): Answered {
    member.home = home;
    this.#tellAll({ instances: this.#homes() });
    return {};
  }

  #homes(): Home[] {
    return [...this.#members.values()].flatMap(({ home }) => (home === undefined ? [] : [home]));
  }

  #tellAll(message: ToWorker): void {
    for (const { tell } of this.#members.values()) tell(message);
  }
}
