/** The operators of the default chain, for chains of one's own. */
export { approve, type ApproveOptions } from './approve.js';
export { authenticate, anonymous } from './authenticate.js';
export { byMethod, type Routes } from './byMethod.js';
export { canary, type CanaryOptions } from './canary.js';
export { checkShape } from './checkShape.js';
export { coalesce, type CoalesceOptions } from './coalesce.js';
export { dedupe, type DedupeOptions } from './dedupe.js';
export { fault, type FaultOptions, type FaultRule } from './fault.js';
export { handle, type Handler } from './handle.js';
export { invoke } from './invoke.js';
export { limitConcurrency } from './limitConcurrency.js';
export { openSession } from './openSession.js';
export { parseSse, type SseEvent } from './parseSse.js';
export { resolveTool } from './resolveTool.js';
export { retryAcrossInstances, type Order } from './retryAcrossInstances.js';
export { validateArguments } from './validateArguments.js';
export { within, type Limits } from './within.js';
