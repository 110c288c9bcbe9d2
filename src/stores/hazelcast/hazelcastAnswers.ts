import { createHash, randomBytes } from 'node:crypto';
import { catchError, defer, EMPTY, map, of, switchMap, timeout } from 'rxjs';
import { limits } from '../../config/limits.js';
import { isObject } from '../../protocol/jsonrpc.js';
import { sealer, type Secrets } from '../../protocol/sealer.js';
import { nowhere, type AnswerStore, type Found, type KeptAnswer } from '../../streams/answers.js';
import { drain } from '../../streams/drain.js';
import { select, type Latest } from '../../streams/latest.js';
import { ChangesToTell, type Telling } from './changesToTell.js';
import type { HazelcastLink } from './hazelcastLink.js';
import { KeptBytes } from './keptBytes.js';

export interface HazelcastAnswersOptions {
  readonly link: Pick<HazelcastLink, 'use' | 'back$'>;
  /** What answers are sealed with; those sealed with a secret that is gone are not there. */
  readonly secrets: Latest<Secrets>;
  /** What the answers that this instance has kept may take. */
  readonly maxBytes: number;
  /** Longest that a call waits for the cluster, in milliseconds. */
  readonly waitMs?: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** The name of the map on the members. */
const name = 'sluice.answers';
/** How long it is known that something has changed, in milliseconds: no answer is remembered for longer. */
const changeMs = 6 * 3_600_000;
/** What an entry takes besides its text: key, seal, what the members add. */
const entryBytes = 512;

/**
 * Remembered answers in a Hazelcast cluster, sealed: the members see neither answers nor what they are about. An answer opens only
 * under the key that it was kept under.
 *
 * What is forgotten is not looked for: each tag has a word on the members that is another one after each change, and answers say which
 * words they were kept with. One question (`getAll`) asks for the answer and the words. A cluster that is away, or has not answered within a
 * moment, knows nothing; what has changed meanwhile is told when it is back, and until then what it is about is not looked up here.
 */
export const hazelcastAnswers = ({
  link,
  secrets,
  maxBytes,
  waitMs = limits.cacheWaitMs,
  now = Date.now,
}: HazelcastAnswersOptions): AnswerStore => {
  const seals = select(secrets, (current) => sealer(current, 'sluice answers in a cluster'));
  const kept = new KeptBytes();
  const changes = new ChangesToTell();
  let pushedOut = 0;

  const opened = (sealed: unknown, key: string, stamp: string): KeptAnswer | undefined => {
    const value = typeof sealed === 'string' ? seals.current.open(sealed) : undefined;
    const isIt = value?.['key'] === key && value['stamp'] === stamp && isObject(value['answer']);
    return isIt ? (value['answer'] as KeptAnswer) : undefined;
  };

  const tell = (some: Telling): unknown =>
    drain(
      link
        .use(name, async (words) => {
          const word = randomBytes(9).toString('base64url');
          await Promise.all([...some.keys()].map((tag) => words.set(wordKey(tag), word, changeMs)));
          changes.end(some, true);
        })
        .pipe(
          catchError(() => {
            changes.end(some, false);
            return EMPTY;
          }),
        ),
      () => undefined,
    );
  const telling = drain(link.back$, () => tell(changes.missed));

  return {
    find(keys, tags) {
      const known = changes.known(tags);
      if (known === false) return nowhere;
      const places = tags.map(wordKey);
      const asked$ = defer(() => link.use(name, (answers) => answers.getAll([...keys, ...places])));
      return (known === true ? asked$ : known.pipe(switchMap(() => asked$))).pipe(
        timeout({ first: waitMs }),
        map((entries): Found => {
          const found = new Map(entries);
          const stamp = places.map((place) => textOf(found.get(place))).join();
          for (const key of keys) {
            const answer = opened(found.get(key), key, stamp);
            if (answer !== undefined) return { answer, key, stamp };
          }
          return { answer: undefined, key: undefined, stamp };
        }),
        catchError(() => of(nowhere)),
      );
    },
    keep(key, tags, answer, { stamp }) {
      if (changes.known(tags) !== true) return;
      const text = seals.current.seal({ key, stamp, answer });
      const ttlMs = Math.min(answer.ttlMs, changeMs);
      const bytes = entryBytes + text.length;
      if (bytes > maxBytes) return;
      const going = kept.add(key, { bytes, until: now() + ttlMs }, maxBytes, now());
      pushedOut += going.length;
      const set$ = link.use(name, async (answers) => {
        // Hazelcast takes 0 for no end at all.
        await answers.set(key, text, Math.max(1, Math.ceil(ttlMs)));
        await Promise.all(going.map((each) => answers.delete(each)));
      });
      // What can't be remembered is asked for again.
      drain(set$.pipe(catchError(() => EMPTY)), () => undefined);
    },
    forget(tags) {
      tell(changes.begin(tags, now()));
    },
    get held() {
      return { ...kept.held, pushedOut };
    },
    close: () => telling.unsubscribe(),
  };
};

const textOf = (word: unknown): string => (typeof word === 'string' ? word : '');

/** Names of resources are not for the members. Answers have keys of another form. */
const wordKey = (tag: string): string => `changed ${createHash('sha256').update(tag).digest('base64url')}`;
