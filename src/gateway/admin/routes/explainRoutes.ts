import type { Explanation } from '../../../protocol/explain/explanation.js';
import { located, type PlaceOf } from '../../explain/located.js';
import type { Insiders } from '../questions.js';
import { readQuestion } from '../readQuestion.js';
import type { Route } from '../route.js';

/** What would become of a call. Somebody of a tenant asks for people of that tenant, and is not told what the configuration says of others. */
export const explainRoutes = (insiders: Insiders, placeOf: PlaceOf): readonly Route[] => [
  {
    method: 'POST',
    path: '/explain',
    async answer({ person: { tenant }, body }) {
      const question = readQuestion(body);
      const as = tenant === undefined ? question.as : { ...question.as, tenant };
      const explanation = await insiders.one('explain', { ...question, as });
      return { json: tenant === undefined ? located(explanation, placeOf) : discreet(explanation) };
    },
  },
];

/** Why something is not there would tell that it is. */
const discreet = ({ steps, ...rest }: Explanation): Explanation => ({
  ...rest,
  steps: steps.map(({ configuration: _configuration, ...step }) =>
    step.operator === 'resolveTool' && step.outcome === 'refuses'
      ? { ...step, detail: rest.answer?.message ?? 'Not found' }
      : step,
  ),
});
