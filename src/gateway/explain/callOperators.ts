/** The operators of a call that decide something, in the order of the pipeline (streams/pipeline.ts), by their names there. */
export const callOperators: readonly string[] = [
  'admit',
  'authenticate',
  'needTenant',
  'openSession',
  'checkShape',
  'limitRate',
  'resolveTool',
  'enterServer',
  'limitCalls',
  'confirmHeaders',
  'validateArguments',
  'authorize',
  'redactArguments',
  'limitConcurrency',
  'retryAcrossInstances',
  'invoke',
];
