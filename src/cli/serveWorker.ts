import cluster from 'node:cluster';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { filter, firstValueFrom, map, merge, type Subscription } from 'rxjs';
import { createGateway } from '../gateway.js';
import type { Gateway } from '../gateway/gateway.js';
import { ListenError } from '../gateway/listenError.js';
import { relayDoor } from '../gateway/relayDoor.js';
import { asked, type Question } from '../gateway/admin/asked.js';
import type { Announced } from '../gateway/workers/announced.js';
import type { Beginning, Reports } from '../gateway/workers/messages.js';
import { packed } from '../gateway/workers/packed.js';
import { primaryLink, type PrimaryLink } from '../gateway/workers/primaryLink.js';
import { sendRecords } from '../gateway/workers/sendRecords.js';
import { workerStores } from '../gateway/workerStores.js';
import { drain } from '../streams/drain.js';
import { latest } from '../streams/latest.js';
import { banner } from './banner.js';
import { bannerScreen } from './bannerScreen.js';
import { CliError, exitCodes } from './cliError.js';
import { flushed } from './flushed.js';
import { createLog } from './log.js';
import { stopOnUncaught } from './stopOnUncaught.js';
import { version, type Terminal } from './terminal.js';

/**
 * Runs one of several gateways that share the work, until the first process says to stop, or SIGTERM to leave. Ctrl-C reaches all
 * processes of a terminal: the first one answers it.
 *
 * @throws CliError when nobody has started it as a worker
 */
export const serveWorker = async (terminal: Terminal): Promise<void> => {
  const link = cluster.isWorker ? primaryLink() : undefined;
  if (link === undefined)
    throw new CliError('`sluice worker` is started by `sluice start --workers`', {
      exitCode: exitCodes.usage,
    });
  const stop = firstValueFrom(
    merge(
      link.orders$.pipe(filter((order) => 'stop' in order)),
      terminal.interrupts$.pipe(filter((signal) => signal === 'SIGTERM')),
    ),
  );
  const begun = firstValueFrom(link.orders$.pipe(filter((order) => 'begin' in order)));
  link.tell({ hello: version });
  await work((await begun).begin, link, terminal, stop);
  // The channel, and whatever else is open, must not keep it.
  process.exit(exitCodes.ok);
};

const work = async (
  { number, instance, settings: initial, key, port, socket }: Beginning,
  link: PrimaryLink,
  terminal: Terminal,
  stop: Promise<unknown>,
): Promise<void> => {
  const own = (value: unknown) => {
    const settings = packed.unpack(value);
    return { ...settings, listen: { ...settings.listen, port: port === 0 ? settings.listen.port : port } };
  };
  const first = own(initial);
  const log = createLog({ ...first.log, isShared: true }).child({ worker: number });
  stopOnUncaught(log);
  cluster.worker?.once('disconnect', () => {
    log.error({ event: 'primary_lost' }, 'The first process has gone: this worker ends');
    if (socket !== undefined) rmSync(dirname(socket), { recursive: true, force: true });
    log.flush();
  });
  const settings = latest(
    link.orders$.pipe(
      filter((order) => 'settings' in order),
      map((order) => own(order.settings)),
    ),
    first,
  );
  const gateway = createGateway(settings, {
    log,
    version,
    worker: number,
    door: relayDoor(first, socket),
    ...(socket !== undefined && { storesOf: workerStores(link.wire, instance, key) }),
  });
  const answering = answerOrders(gateway, link, (urls) => {
    const screen = bannerScreen(first, terminal);
    screen.write(banner({ ...urls, catalog: gateway.catalog.current }, screen, terminal.env));
  });
  answering.add(sendRecords(gateway.records$, link));
  try {
    link.tell({ listening: new URL((await gateway.listen()).url).origin });
    await Promise.race([gateway.ready(), stop]);
    link.tell({ ready: true });
    await stop;
    link.tell({ leaving: true });
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    const { host, port: refusedPort, code, message } = error;
    link.tell({ refused: { host, port: refusedPort, message, ...(code !== undefined && { code }) } });
    await stop;
  } finally {
    await gateway.close();
    answering.unsubscribe();
    settings.close();
    await flushed(log);
  }
};

const answerOrders = (
  gateway: Gateway,
  link: PrimaryLink,
  announce: (urls: Announced) => void,
): Subscription => {
  const report = async (of: keyof Reports, question: Question | undefined): Promise<Partial<Reports>> => {
    if (of === 'health') return { health: gateway.health() };
    if (of === 'pulse') return { pulse: true };
    if (of === 'asked') return question === undefined ? {} : { asked: await asked(gateway.inside, question) };
    return { metrics: (await gateway.metrics().getMetricsAsJSON()) as unknown as Reports['metrics'] };
  };
  return drain(link.orders$, (order) => {
    if ('announce' in order) announce(order.announce);
    if ('report' in order)
      // Who asked does not wait for long: a report that can't be made is one that does not come.
      report(order.of, order.question).then(
        (reports) => link.tell({ report: order.report, ...reports }),
        () => link.tell({ report: order.report }),
      );
  });
};
