import { checkAccess } from './checkAccess.js';
import { checkAudit } from './checkAudit.js';
import { checkLimits } from './checkLimits.js';
import { checkNames } from './checkNames.js';
import { checkRedact } from './checkRedact.js';
import { checkOpa } from './checkOpa.js';
import { checkPerUser } from './checkPerUser.js';
import { checkServers } from './checkServers.js';
import { checkTimes } from './checkTimes.js';
import { checkTransform } from './checkTransform.js';
import { childPointer } from './pointer.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';

/** What the schema can not say: references between parts, and parts that do not go together. */
export const check = (config: RawConfig, report: Report): void => {
  checkListeners(config, report);
  checkPaths(config, report);
  checkServers(config, report);
  checkPerUser(config, report);
  checkTimes(config, report);
  checkNamespaces(config, report);
  checkAccess(config, report);
  checkLimits(config, report);
  checkRedact(config, report);
  checkTransform(config, report);
  checkOpa(config, report);
  checkAudit(config, report);
};

const checkListeners = ({ listen = {}, admin = {}, auth }: RawConfig, report: Report): void => {
  if (auth === undefined && report.sound('/listen/host'))
    checkHost(listen.host, '/listen/host', openToAll, report);
  if (report.sound('/admin/host')) checkHost(admin.host, '/admin/host', forOperators, report);
  if (!report.sound('/listen') || !report.sound('/admin')) return;
  const [port, adminPort] = [listen.port ?? 8080, admin.port ?? 8081];
  const sameHost = (listen.host ?? '127.0.0.1') === (admin.host ?? '127.0.0.1');
  if (sameHost && port === adminPort && port !== 0)
    report.add(
      admin.port === undefined ? '/listen/port' : '/admin/port',
      '`listen` and `admin` have the same address and port',
      'Give one of them another port',
    );
};

/** One path can lead to one place only. */
const checkPaths = ({ listen = {}, transports = {} }: RawConfig, report: Report): void => {
  if (!report.sound('/listen') || !report.sound('/transports')) return;
  const { legacy_sse: legacy = {} } = transports;
  if (legacy.enabled === false) return;
  const paths = [
    ['/listen/path', listen.path ?? '/mcp', listen.path],
    ['/transports/legacy_sse/path', legacy.path ?? '/sse', legacy.path],
    ['/transports/legacy_sse/messages_path', legacy.messages_path ?? '/messages', legacy.messages_path],
  ] as const;
  for (const [index, [pointer, path, written]] of paths.entries())
    for (const [otherPointer, other, otherWritten] of paths.slice(index + 1)) {
      if (path !== other && !path.startsWith(`${other}/`) && !other.startsWith(`${path}/`)) continue;
      const at = otherWritten === undefined && written !== undefined ? pointer : otherPointer;
      report.add(
        at,
        "The path of the endpoint and the two paths of HTTP+SSE (`/sse` and `/messages` unless set) are in each other's way",
        'Choose another path, or turn HTTP+SSE off with `transports.legacy_sse.enabled: false`',
      );
      return;
    }
};

/** Where nobody is asked who they are, nobody but this machine may reach the port. */
const checkHost = (
  host: string | undefined,
  pointer: string,
  { why, remedy }: typeof openToAll,
  report: Report,
): void => {
  if (host === undefined || isLoopback(host)) return;
  report.add(pointer, `${report.show(pointer, host)} is no loopback address: ${why}`, remedy);
};

const openToAll = {
  why: 'without authentication everyone who reaches it could call every tool',
  remedy: 'Configure `auth`, or listen on 127.0.0.1 and let a proxy that authenticates stand in front',
};
const forOperators = {
  why: 'probes and metrics ask nobody who they are, and what they tell is for operators',
  remedy: 'Listen on 127.0.0.1, and let a proxy stand in front for those who may know',
};

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

const checkNamespaces = ({ namespaces, servers, consul }: RawConfig, report: Report): void => {
  // What the file does not know may be discovered.
  if (consul !== undefined) return;
  const known = Object.keys(servers ?? {});
  for (const [name, namespace] of Object.entries(namespaces ?? {})) {
    const pointer = childPointer('/namespaces', name);
    if (!report.sound(pointer)) continue;
    checkNames(namespace.servers, `${pointer}/servers`, known, report);
  }
};
