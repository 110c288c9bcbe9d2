import type { Exchange } from './exchange.js';
import type { PassedStage } from './marks.js';

/** The stages that a call has passed, in order, with their times; the last one lasts until now. To be asked when it has ended. */
export const stagesOf = ({ notes, startedAt }: Exchange): readonly PassedStage[] =>
  notes.marks.stages(startedAt, performance.now());
