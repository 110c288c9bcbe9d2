import { firstValueFrom } from 'rxjs';
import { ConfigError } from '../config/configError.js';
import { loadSettings } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import { policyKeeping } from '../gateway/policyKeeping.js';
import { askAll } from '../streams/askAll.js';
import { undecided, type Decision } from '../streams/decision.js';
import { constant } from '../streams/latest.js';
import { silent } from '../streams/log.js';
import type { PolicyInput } from '../streams/policyInput.js';
import { prompted } from '../streams/prompted.js';
import { CliError, exitCodes } from './cliError.js';
import { readConfig } from './readConfig.js';
import type { Terminal } from './terminal.js';

/** Which policies to ask. */
export interface PolicyFlags {
  readonly config?: string;
  readonly bundle?: string;
  readonly rego?: readonly string[];
  readonly url?: string;
  readonly path?: string;
}

/** Policies that can be asked. */
export interface PolicyUnderTest {
  /** What those say together that decide over such a call. */
  ask(input: PolicyInput): Promise<Decision>;
  close(): void;
}

/**
 * Reads the policies of a configuration, or the one that flags name, just as a gateway does.
 *
 * @throws CliError where one of them can't be used
 */
export const policyUnderTest = async (flags: PolicyFlags, terminal: Terminal): Promise<PolicyUnderTest> => {
  const settings = settingsOf(flags, terminal);
  const keeping = policyKeeping(constant(settings), silent);
  await keeping.answered();
  const broken = keeping.health()?.find(({ status }) => status === 'down');
  if (broken !== undefined) {
    keeping.close();
    const whose = broken.name === 'gateway' ? 'The policy' : `The policy of ${broken.name}`;
    throw new CliError(`${whose} can not be used`, { remedy: (broken.reason ?? '').split('\n') });
  }
  return {
    ask: (input) => {
      const { name } = input.server;
      const server = settings.servers.find((one) => one.name === name) ?? { name };
      const applying = keeping.policies().over(server, input.tool?.own);
      return applying.length === 0
        ? Promise.resolve(undecided)
        : firstValueFrom(prompted(askAll(applying, input)));
    },
    close: () => keeping.close(),
  };
};

const settingsOf = ({ config = 'gateway.yaml', ...own }: PolicyFlags, terminal: Terminal): Settings => {
  const { bundle, rego, url, path } = own;
  if (bundle !== undefined || rego !== undefined || url !== undefined) return settingsFor(own, terminal);
  const reading = readConfig(config, terminal);
  if (reading.settings === undefined) throw new CliError(reading.text, { remedy: [reading.count] });
  const { opa, servers } = reading.settings;
  const isAsked = opa?.policy !== undefined || servers.some(({ policies }) => policies !== undefined);
  if (opa === undefined || !isAsked || (opa.policy === undefined && path !== undefined))
    throw new CliError(`${reading.file} has no policy${isAsked ? ' of the whole gateway' : ''}`, {
      exitCode: exitCodes.usage,
      remedy: ['Add `opa: { bundle: … }` to it, or name a policy with --bundle, --rego or --url.'],
    });
  const { shadow: _shadow, ...rest } = opa;
  if (path === undefined) return { ...reading.settings, opa: rest };
  return { ...reading.settings, servers: [], opa: { ...rest, policy: { ...opa.policy, path } } };
};

/** As if somebody had written the flags into a configuration. */
const settingsFor = ({ bundle, rego, url, path }: PolicyFlags, { cwd }: Terminal): Settings => {
  const opa = { bundle, rego, url, path };
  try {
    return loadSettings(JSON.stringify({ servers: {}, opa }), { file: 'flags', env: {}, baseDir: cwd });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first] = error.diagnostics;
    throw new CliError(first?.message ?? error.message, {
      exitCode: exitCodes.usage,
      remedy: [first?.remedy ?? ''],
      cause: error,
    });
  }
};
