import { lastValueFrom, NEVER, of, timeout } from 'rxjs';
import type { Settings } from '../../config/settings.js';
import type { ExplainedStep, ExplainQuestion, Explanation } from '../../protocol/explain/explanation.js';
import { answer } from '../../streams/answer.js';
import type { Backend, BackendCall } from '../../streams/backend.js';
import type { Judge } from '../../streams/judge.js';
import type { Latest } from '../../streams/latest.js';
import { result } from '../../streams/reply.js';
import type { Instance } from '../../streams/serverState.js';
import { pipelineOf, type PipelineParts } from '../pipelineOf.js';
import { askedExchange, askedPrincipal } from './askedExchange.js';
import { describe, refused, type Seen } from './describe.js';
import { callOperators } from './callOperators.js';
import { peekingAnswers } from './peekingAnswers.js';
import { peekingCounters } from './peekingCounters.js';
import { withoutChecks } from './withoutChecks.js';

export interface ExplainingParts {
  readonly parts: PipelineParts;
  /** With what was discovered. */
  readonly settings: Latest<Settings>;
  /** Judges without counting or logging. */
  readonly quiet: Judge;
}

/** Longest time for an explanation, in milliseconds: policies may have to be asked. */
const maxMs = 10_000;

/**
 * Explains what would become of a call: it goes through the very pipeline that calls go through, as somebody who has not shown
 * a credential, past limits that are looked at and not spent, up to a backend that answers nothing. Nothing is sent, counted or recorded.
 */
export const explaining =
  ({ parts, settings, quiet }: ExplainingParts) =>
  async (question: ExplainQuestion): Promise<Explanation> => {
    const { assembly, catalog, order, counters } = parts;
    const exchange = askedExchange(question);
    const { notes } = exchange;
    const principal = askedPrincipal(question.as);
    const limits: Seen['limits'][number][] = [];
    let instances: readonly Instance[] | undefined;
    let sent: BackendCall | undefined;
    const build = pipelineOf({
      ...parts,
      catalog: question.arguments === undefined ? withoutChecks(catalog, question.name) : catalog,
      identify: () => principal,
      judge: quiet,
      tracing: undefined,
      isTrial: true,
      answers: peekingAnswers(parts.answers),
      counters: peekingCounters(counters, (key, left) =>
        limits.push({ stage: notes.marks.last ?? '', name: key.split('\n', 1)[0] ?? '', left }),
      ),
      order(target, call) {
        instances = order(target, call);
        return instances.map(({ id }) => ({ id, backend: mute((seen) => (sent = seen)) }));
      },
    });
    const replies$ = answer(build(assembly.current), exchange).pipe(timeout(maxMs));
    await lastValueFrom(replies$, { defaultValue: undefined });
    return told({
      question,
      settings: settings.current,
      catalog: catalog.current,
      exchange,
      limits,
      instances,
      sent,
    });
  };

/** What operators say that change a call. */
const changing: Readonly<Record<string, RegExp>> = {
  redactArguments: /^Redacts/,
  transform: /^(?:Rewrites|Adds)/,
};

/** A backend that is sent nothing. */
const mute = (seen: (call: BackendCall) => void): Backend => {
  return {
    offer: () => NEVER,
    invoke(call) {
      seen(call);
      return of(result({ content: [] }));
    },
    changed$: NEVER,
    updated$: NEVER,
    completed$: NEVER,
    watch: () => NEVER,
    close: () => Promise.resolve(),
  };
};

const told = (seen: Seen): Explanation => {
  const { notes } = seen.exchange;
  const { error, marks } = notes;
  const passed = [...new Set(marks.names())].filter((name) => callOperators.includes(name));
  const last = error === undefined ? undefined : marks.last;
  // Those that only pass on are not told of, unless it is one of them that refuses.
  const at = Math.max(...passed.map((name) => callOperators.indexOf(name)));
  const stock =
    seen.settings.cache === undefined ? callOperators.filter((name) => name !== 'cache') : callOperators;
  const operators = last === undefined || stock.includes(last) ? stock : stock.toSpliced(at + 1, 0, last);
  const steps = operators.map((operator): ExplainedStep => {
    if (!passed.includes(operator) && operator !== last)
      return { operator, outcome: 'not_reached', detail: 'Not reached' };
    const isLast = operator === last;
    const { detail, pointer } = isLast
      ? refused(operator, seen)
      : (describe[operator]?.(seen, notes) ?? { detail: 'Passes' });
    const changes = changing[operator]?.test(detail) === true;
    return {
      operator,
      outcome: isLast ? 'refuses' : changes ? 'changes' : 'passes',
      detail,
      ...(pointer !== undefined && { configuration: { pointer } }),
    };
  });
  return {
    allowed: error === undefined,
    steps,
    ...(error !== undefined && { answer: { code: error.code, message: error.message } }),
  };
};
