import type { AskedCaller, ExplainQuestion, Explanation } from '../protocol/explain/explanation.js';
import { CliError, exitCodes } from './cliError.js';
import { explanationText } from './explanationText.js';
import { askAdmin } from './askAdmin.js';
import { explainHere } from './explainHere.js';
import { readArguments } from './readArguments.js';
import type { Terminal } from './terminal.js';

export interface ExplainFlags {
  readonly tool?: string;
  readonly prompt?: string;
  readonly resource?: string;
  readonly as?: string;
  readonly client?: string;
  readonly tenant?: string;
  readonly role?: readonly string[];
  readonly scope?: readonly string[];
  readonly claim?: readonly string[];
  readonly arguments?: string;
  readonly namespace?: string;
  readonly config: string;
  readonly url?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/**
 * Prints what would become of a call.
 *
 * @throws CliError when it would be refused (1), or the question can't be understood (2)
 */
export const explainCall = async (flags: ExplainFlags, terminal: Terminal): Promise<void> => {
  const question = await questionOf(flags, terminal);
  const explanation =
    flags.url === undefined
      ? await explainHere(question, flags.config, terminal)
      : ((await askAdmin(flags.url, flags.key, '/explain', bodyOf(question))) as Explanation);
  terminal.stdout.write(
    flags.json === true
      ? `${JSON.stringify(explanation, undefined, 2)}\n`
      : explanationText(question, explanation, terminal),
  );
  const { allowed, answer } = explanation;
  if (!allowed)
    throw new CliError(`The call would be refused: ${answer?.code ?? ''} ${answer?.message ?? ''}`.trim());
};

const questionOf = async (flags: ExplainFlags, terminal: Terminal): Promise<ExplainQuestion> => {
  const { tool, prompt, resource, namespace, arguments: text } = flags;
  const name = tool ?? prompt ?? resource;
  if (name === undefined)
    throw new CliError('What is to be explained?', {
      exitCode: exitCodes.usage,
      remedy: ['Name it: --tool NAME, --prompt NAME or --resource URI'],
    });
  return {
    method: tool !== undefined ? 'tools/call' : prompt !== undefined ? 'prompts/get' : 'resources/read',
    name,
    ...(text !== undefined && { arguments: await readArguments(text, terminal.stdin) }),
    ...(namespace !== undefined && { namespace }),
    as: callerOf(flags),
  };
};

const callerOf = ({ as, client, tenant, role, scope, claim }: ExplainFlags): AskedCaller => ({
  ...(as !== undefined && { user: as }),
  ...(client !== undefined && { client }),
  ...(tenant !== undefined && { tenant }),
  ...(role !== undefined && { roles: role }),
  ...(scope !== undefined && { scopes: scope }),
  ...(claim !== undefined && { claims: Object.fromEntries(claim.map(claimOf)) }),
});

/** `name=value`; what is JSON is taken as that, everything else as text. */
const claimOf = (text: string): readonly [string, unknown] => {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new CliError('--claim takes name=value', {
      exitCode: exitCodes.usage,
      remedy: ['For example: --claim department=sales, or --claim \'groups=["a","b"]\''],
    });
  try {
    return [name, JSON.parse(value) as unknown];
  } catch {
    return [name, value];
  }
};

/** The question as the admin API takes it. */
const bodyOf = ({ name, method, ...rest }: ExplainQuestion): object => ({
  method,
  [method === 'tools/call' ? 'tool' : method === 'prompts/get' ? 'prompt' : 'uri']: name,
  ...rest,
});
