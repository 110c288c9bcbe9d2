import type { Tally } from './tally.js';

type Stages = readonly (readonly [name: string, why: string])[];

/** The stages in the order in which messages pass them, and what each is for. @see streams/pipeline.ts */
const messages: Stages = [
  ['admit', 'A gateway that shuts down begins nothing'],
  ['authenticate', 'Who calls: nothing is spent on strangers'],
  ['needTenant', 'Where there are tenants, who belongs to none has nothing'],
  ['openSession', 'A session belongs to who opened it'],
  ['checkShape', 'What is asked has to look as the protocol says'],
  ['limitRate', 'How often anybody may ask anything'],
];
const calls: Stages = [
  ['compress', 'Search among tools that are not listed, and calls of them'],
  ['resolveTool', 'Which server has it, among those that the caller may see'],
  ['enterServer', 'Whether the caller may use that server: scopes, clients'],
  ['limitCalls', 'How often the tool and its server may be called'],
  ['confirmHeaders', 'Headers have to say what the message says'],
  ['validateArguments', 'Arguments have to fit the schema of the tool'],
  ['authorize', 'What the policies say'],
  ['redactArguments', 'What must not leave is taken out'],
  ['openState', 'Whether it goes on with a call that waited for an answer'],
  ['transform', 'Arguments are rewritten as the configuration says'],
  ['cache', 'Whether its answer is remembered'],
  ['limitServer', 'How much may be under way to one server'],
  ['limitConcurrency', 'Calls wait here for their place at a server that takes only so many'],
  ['retryAcrossInstances', 'Which instance, and whether there is another attempt'],
  ['invoke', 'The call itself, and the answer of the server'],
  ['transformResult', 'The result of the tool is rewritten'],
  ['redactReplies', 'What must not reach the client is taken out'],
];
const own: Stages = [
  ['needTasks', 'Tasks are for clients that know them'],
  ['resolveTask', 'Which server has the task'],
  ['handle', 'What the gateway answers itself: lists, sessions, subscriptions, tasks'],
];

/** The pipeline as a live picture. @param second epoch seconds of now */
export const pipelinePicture = ({ stages }: Tally, second: number) => {
  const known = new Set([...messages, ...calls, ...own].map(([name]) => name));
  const others = stages.names.filter((name) => !known.has(name)).map((name) => [name, ''] as const);
  const drawn = (name: string, of: Stages) => ({
    name,
    nodes: of.map(([stage, why]) => ({ why, ...stages.read(stage, second) })),
  });
  return {
    pipelines: [
      drawn('Every message', messages),
      drawn('Calls to servers', calls),
      drawn('Answered here', own),
      ...(others.length === 0 ? [] : [drawn('Stages of your own', others)]),
    ],
  };
};
