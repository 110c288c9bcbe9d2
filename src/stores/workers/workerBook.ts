import type { Subscription } from 'rxjs';
import { fromUnknown } from '../../protocol/errors.js';
import type { AnswerStore, Found } from '../../streams/answers.js';
import type { Counters, Taken } from '../../streams/counters.js';
import type { Home } from '../../streams/homes.js';
import type { Session, SessionStore } from '../../streams/sessions.js';
import { memoryAnswers } from '../memoryAnswers.js';
import { memoryCounters, type MemoryCountersOptions } from '../memoryCounters.js';
import type { MemoryEventsOptions } from '../memoryEvents.js';
import { memorySessions, type MemorySessionsOptions } from '../memorySessions.js';
import type { MemoryTasksOptions } from '../memoryTasks.js';
import { EventBook } from './eventBook.js';
import { untold, type Answered, type FromWorker, type Question, type ToWorker } from './messages.js';
import { TaskBook } from './taskBook.js';
import { bookTtl } from './workerSessions.js';

/** Sends to one worker; must not throw for one that has gone. */
export type Tell = (message: ToWorker) => void;

export interface WorkerBookOptions {
  readonly sessions: MemorySessionsOptions;
  readonly events: Omit<MemoryEventsOptions, 'changed'>;
  readonly tasks: MemoryTasksOptions;
  readonly counters: MemoryCountersOptions;
  /** `maxBytes`: what remembered answers may take. */
  readonly answers: { readonly maxBytes: number };
}

/** A worker as the book knows it. */
interface Member {
  readonly tell: Tell;
  home: Home | undefined;
}

/**
 * What all workers share: their sessions and which of them is at home to which, the events of their streams, their tasks, what
 * is counted. Kept by the process that lives as long as any of them.
 *
 * > A worker that dies takes with it what was under way, not the sessions.
 */
export class WorkerBook {
  readonly #sessions: SessionStore;
  readonly #events: EventBook;
  readonly #tasks: TaskBook;
  readonly #counters: Counters;
  readonly #answers: AnswerStore;
  readonly #members = new Map<string, Member>();
  readonly #endings: Subscription;
  /** Sessions of which the workers are told with the next turn of the event loop. */
  #ended: string[] = [];

  constructor({ sessions, events, tasks, counters, answers }: WorkerBookOptions) {
    this.#answers = memoryAnswers(() => answers.maxBytes);
    this.#counters = memoryCounters(counters);
    this.#sessions = memorySessions({ ...sessions, ttlMs: bookTtl(sessions.ttlMs) });
    this.#events = new EventBook(events);
    this.#tasks = new TaskBook(tasks, this.#lives);
    this.#endings = this.#sessions.changes$.subscribe(({ kind, id }) => {
      if (kind !== 'ended') return;
      this.#events.endSession(id);
      if (this.#ended.push(id) === 1) setImmediate(this.#tellEnded);
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
    this.#events.close();
    this.#tasks.close();
    this.#counters.close();
    this.#answers.close();
  }

  readonly #tellEnded = (): void => {
    const ended = this.#ended;
    this.#ended = [];
    this.#tellAll({ ended });
  };

  readonly #lives = (instance: string): boolean => this.#members.has(instance);

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
        case 'keep':
          this.#events.keep(instance, question.changes);
          return {};
        case 'missed':
          return { missed: this.#events.missed(question.sessionId, question.place, this.#lives) };
        case 'task':
          return { task: this.#tasks.get(question.id) };
        case 'putTask':
          this.#tasks.put(question.record);
          this.#tellAll({ taskChanged: question.record.id }, member);
          return {};
        case 'tasks':
          return { tasks: this.#tasks.list(question.listedFor) };
        case 'order':
          this.#members.get(question.holder)?.tell({ order: question.order });
          return {};
        case 'answer':
          // Memory has every answer at hand.
          return { answer: this.#answers.find(question.keys, question.tags) as Found };
        case 'keepAnswer':
          this.#answers.keep(question.key, question.tags, question.answer, question.found);
          return {};
        case 'forgetAnswers':
          this.#answers.forget(question.tags);
          return {};
        case 'take':
          // Memory has every answer at hand.
          return { taken: this.#counters.take(question.key, question.units, question.limit) as Taken };
      }
    } catch (error) {
      const { code, message, data, headers } = fromUnknown(error);
      return { refused: { code, message, data, ...(headers !== undefined && { headers }) } };
    }
  }

  #at(id: string): Session | undefined {
    // Memory has every answer at hand.
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

  #tellAll(message: ToWorker, except?: Member): void {
    for (const member of this.#members.values()) if (member !== except) member.tell(message);
  }
}
