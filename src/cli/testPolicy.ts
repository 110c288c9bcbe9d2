import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { undecided, type Decision } from '../streams/decision.js';
import type { PolicyInput } from '../streams/policyInput.js';
import { CliError } from './cliError.js';
import { numberedLines } from '../protocol/numberedLines.js';
import { policyOutput, type PolicyVerdict } from './policyOutput.js';
import { policyUnderTest, type PolicyFlags } from './policyUnderTest.js';
import { readPolicyCase, type Expected } from './readPolicyCase.js';
import type { Terminal } from './terminal.js';

export interface PolicyTestFlags extends PolicyFlags {
  readonly json?: boolean;
}

/** Longest line, in characters. */
const maxLine = 4 * 1024 * 1024;

/**
 * Asks the policies about the cases in some files, one after another, and shows what they say: in memory that does not grow.
 *
 * @throws CliError where not every case was decided as expected
 */
export const testPolicy = async (
  files: readonly string[],
  flags: PolicyTestFlags,
  terminal: Terminal,
): Promise<void> => {
  const policy = await policyUnderTest(flags, terminal);
  const output = policyOutput(flags.json === true, terminal);
  const count = { cases: 0, wrong: 0, unreadable: 0 };
  try {
    for (const file of files)
      for await (const { number, text } of linesOf(file, terminal)) {
        if (text?.trim() === '') continue;
        const at = `${file === '-' ? 'stdin' : file}:${number}`;
        const read = text === undefined ? { fault: 'The line is longer than 4 MiB' } : readPolicyCase(text);
        if ('fault' in read) {
          count.unreadable++;
          output.unreadable(at, read.fault);
          continue;
        }
        const verdict = judged(at, read.input, read.expect, await policy.ask(read.input));
        count.cases++;
        if (!verdict.asExpected) count.wrong++;
        output.show(verdict);
      }
  } finally {
    output.end();
    policy.close();
  }
  conclude(count, terminal);
};

const linesOf = async function* (file: string, { cwd, stdin }: Terminal) {
  try {
    yield* numberedLines(file === '-' ? stdin : createReadStream(resolve(cwd, file)), maxLine);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CliError(code === 'ENOENT' ? `There is no file ${file}` : `${file} can not be read: ${code}`, {
      cause: error,
      remedy: ['Name a file with one case a line: sluice policy test --help'],
    });
  }
};

/** A case that could not be decided is never as expected: the policy did not say what it denies. */
const judged = (
  at: string,
  input: PolicyInput,
  expected: Expected | undefined,
  decision: Decision,
): PolicyVerdict => {
  const { mask, headers, scopes, perMinute } = decision.obligations;
  // As policies write them.
  const obligations = {
    ...(mask !== undefined && { mask }),
    ...(headers !== undefined && { headers }),
    ...(scopes !== undefined && { scopes }),
    ...(perMinute !== undefined && { per_minute: perMinute }),
  };
  const said = { allow: decision.allow, reason: decision.reason, obligations };
  const differs = (['allow', 'reason', 'obligations'] as const).some(
    (key) => expected?.[key] !== undefined && !isDeepStrictEqual(said[key], expected[key]),
  );
  return {
    at,
    input,
    ...said,
    reason: decision === undecided ? 'no policy decides over it' : decision.reason,
    fault: decision.fault,
    policy: decision.policy,
    expected,
    asExpected: decision.fault === undefined && !differs,
  };
};

const conclude = (
  {
    cases,
    wrong,
    unreadable,
  }: { readonly cases: number; readonly wrong: number; readonly unreadable: number },
  { stderr }: Terminal,
): void => {
  if (cases + unreadable === 0)
    throw new CliError('There are no cases', { remedy: ['Write one a line: sluice policy test --help'] });
  const tried = `${cases} ${cases === 1 ? 'case' : 'cases'}`;
  if (wrong === 0 && unreadable === 0) stderr.write(`${tried}, all as expected\n`);
  else
    throw new CliError(
      [
        `${wrong} of ${tried} not as expected`,
        ...(unreadable > 0 ? [`${unreadable} ${unreadable === 1 ? 'line' : 'lines'} unreadable`] : []),
      ].join(', '),
    );
};
