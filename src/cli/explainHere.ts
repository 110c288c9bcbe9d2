import type { ExplainQuestion, Explanation } from '../protocol/explain/explanation.js';
import type { Settings } from '../config/settings.js';
import { located } from '../gateway/explain/located.js';
import { createGateway } from '../gateway.js';
import { constant } from '../streams/latest.js';
import { silent } from '../streams/log.js';
import { CliError } from './cliError.js';
import { placesIn } from './placesIn.js';
import { readConfig } from './readConfig.js';
import { version, type Terminal } from './terminal.js';

/** How long servers may take to say what they offer, in milliseconds. */
const readyMs = 15_000;

/** Explains a call by a gateway of this configuration that listens nowhere and keeps nothing. */
export const explainHere = async (
  question: ExplainQuestion,
  config: string,
  terminal: Terminal,
): Promise<Explanation> => {
  const reading = readConfig(config, terminal);
  if (reading.settings === undefined) throw new CliError(reading.text, { remedy: [reading.count] });
  const gateway = createGateway(constant(alone(reading.settings)), { log: silent, version });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, readyMs);
  });
  try {
    // Of a server that is late by then the explanation says that it has not answered.
    await Promise.race([gateway.ready(), late]);
    return located(await gateway.inside.explain(question), placesIn(config, terminal));
  } finally {
    clearTimeout(timer);
    await gateway.close();
  }
};

/** Without what a gateway keeps or shares: trails, sessions in a cluster. */
const alone = ({ audit: _audit, analytics: _analytics, sessions, ...settings }: Settings): Settings => {
  const { hazelcast: _cluster, ...own } = sessions;
  const telemetry = { ...settings.telemetry, traces: undefined };
  return { ...settings, sessions: own, telemetry, drainDelayMs: 0, drainTimeoutMs: 0 };
};
