import type { RecordedStage } from '../protocol/audit/callRecord.js';
import type { Exchange } from './exchange.js';

/** The stages that a call has passed, in order, with their times; the last one lasts until now. To be asked when it has ended. */
export const stagesOf = ({ notes, startedAt }: Exchange): readonly RecordedStage[] =>
  notes.marks.stages(startedAt, performance.now());
