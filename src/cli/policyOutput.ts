import type { PolicyInput } from '../streams/policyInput.js';
import { printable } from './printable.js';
import type { Expected } from './readPolicyCase.js';
import { table } from './table.js';
import { coloursOf, type Terminal } from './terminal.js';

/** What was said of one case. */
export interface PolicyVerdict {
  /** `file:line` */
  readonly at: string;
  readonly input: PolicyInput;
  readonly allow: boolean;
  readonly reason: string | undefined;
  readonly obligations: Readonly<Record<string, unknown>>;
  /** Why nothing could be decided. */
  readonly fault: string | undefined;
  readonly policy: string;
  readonly expected: Expected | undefined;
  readonly asExpected: boolean;
}

/** Shows verdicts as they come. */
export interface PolicyOutput {
  show(verdict: PolicyVerdict): void;
  /** A line that is no case. */
  unreadable(at: string, why: string): void;
  /** Nothing more comes. */
  end(): void;
}

/** So many rows make a table; then a new one begins. */
const maxRows = 500;

/** Makes the output of `sluice policy test`: tables for people, a line of JSON a case for scripts. */
export const policyOutput = (json: boolean, terminal: Terminal): PolicyOutput =>
  json ? jsonOutput(terminal) : tableOutput(terminal);

const jsonOutput = ({ stdout }: Terminal): PolicyOutput => {
  const write = (line: object): void => void stdout.write(`${JSON.stringify(line)}\n`);
  return {
    show: ({ input, expected, asExpected, ...said }) =>
      write({
        ...said,
        method: input.method,
        tool: subjectOf(input),
        who: callerOf(input),
        expect: expected,
        as_expected: asExpected,
      }),
    unreadable: (at, error) => write({ at, error, as_expected: false }),
    end: () => undefined,
  };
};

const tableOutput = ({ stdout, stderr, env }: Terminal): PolicyOutput => {
  const { red } = coloursOf(stderr, env);
  let rows: (readonly string[])[] = [];
  const flush = (): void => {
    if (rows.length === 0) return;
    const head = ['LINE', 'TOOL', 'WHO', 'DECISION', 'EXPECTED', 'REASON'];
    stdout.write(`${table(head, rows, stdout, env)}\n`);
    rows = [];
  };
  return {
    show(verdict) {
      const { at, input, reason, fault, expected, asExpected } = verdict;
      const isList = input.method.endsWith('/list');
      const cells = [
        at,
        `${isList ? `${input.method} ` : ''}${subjectOf(input)}`,
        callerOf(input),
        decisionOf(verdict),
        expected === undefined ? '' : asExpected ? 'yes' : `NO: ${wordsFor(expected)}`,
        fault ?? reason ?? '',
      ];
      rows.push(cells.map((cell) => printable(cell, stdout)));
      if (rows.length >= maxRows) flush();
    },
    unreadable(at, why) {
      flush();
      stderr.write(`${red('error:')} ${at}: ${printable(why, stderr)}\n`);
    },
    end: flush,
  };
};

const decisionOf = ({ allow, fault, obligations }: PolicyVerdict): string => {
  if (fault !== undefined) return 'failed';
  return [allow ? 'allow' : 'deny', ...Object.keys(obligations).map((key) => `+${key}`)].join(' ');
};

const wordsFor = ({ allow, reason, obligations }: Expected): string =>
  [
    ...(allow === undefined ? [] : [allow ? 'allow' : 'deny']),
    ...[reason, obligations].flatMap((item) => (item === undefined ? [] : [JSON.stringify(item)])),
  ].join(', ');

const subjectOf = ({ method, tool, prompt, resource }: PolicyInput): string => {
  if (resource !== undefined) return 'uri' in resource ? resource.uri : resource.template;
  return tool?.name ?? prompt?.name ?? method;
};

const callerOf = ({ identity, client }: PolicyInput): string => identity.user ?? client.id ?? identity.id;
