import { ApiError } from '../admin/apiError.js';
import type { Asked } from '../admin/asked.js';
import type { Insiders, Questions } from '../admin/questions.js';
import type { Crew } from './crew.js';

/** How long a worker may take to answer the console, in milliseconds. */
const answerMs = 3000;

/** How long a tried call may take, in milliseconds: its own limits end it long before. */
const callMs = 24 * 60 * 60 * 1000;

/** The workers as those to be asked. */
export const crewInsiders = (crew: Crew): Insiders => {
  const ready = () => crew.live.filter(({ state }) => state === 'ready');
  return {
    async one(of, ask) {
      const [first] = ready();
      // A tool is called once, whatever becomes of it.
      if (of === 'call' && first !== undefined) {
        const asked = await first.report('asked', { question: { of, ask }, ms: callMs });
        if (asked !== undefined) return given(asked);
        throw new ApiError('ERR_INTERNAL', 'The worker ended: whether the tool was called is not known');
      }
      // The next one is asked where the first does not answer.
      for (const worker of ready()) {
        const asked = await worker.report('asked', { question: { of, ask }, ms: answerMs });
        if (asked !== undefined) return given(asked);
      }
      throw new ApiError('ERR_STARTING', 'No worker answers: try again in a moment');
    },
    async all(of, ask) {
      const all = await Promise.all(
        ready().map((worker) => worker.report('asked', { question: { of, ask }, ms: answerMs })),
      );
      return all.flatMap((asked) => (asked === undefined ? [] : [given<typeof of>(asked)]));
    },
  };
};

const given = <K extends keyof Questions>({ gives, refused }: Asked): Questions[K]['gives'] => {
  if (refused !== undefined) throw new ApiError(refused.code, refused.message);
  return gives;
};
