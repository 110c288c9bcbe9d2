import { checkName } from './checkName.js';
import { checkNames } from './checkNames.js';
import { childPointer } from './pointer.js';
import type { Report } from './report.js';
import type { RawConfig } from './schema.js';

/** Tenants and access policies that name what there is not, or contradict each other. */
export const checkAccess = (config: RawConfig, report: Report): void => {
  const { tenants = {}, policies = [], servers, consul } = config;
  if (!report.sound('/tenants') || !report.sound('/policies')) return;
  const checkServers = (names: readonly string[] = [], pointer: string): void => {
    // What the file does not know may be discovered.
    if (consul === undefined && servers !== undefined)
      checkNames(names, pointer, Object.keys(servers), report);
  };
  for (const [name, tenant] of Object.entries(tenants))
    checkServers(tenant.servers, `${childPointer('/tenants', name)}/servers`);
  checkDedicated(tenants, report);
  for (const [index, policy] of policies.entries()) {
    const pointer = `/policies/${index}`;
    checkServers(policy.servers, `${pointer}/servers`);
    if (policy.tenant === undefined) continue;
    if (config.tenants !== undefined)
      checkName(policy.tenant, `${pointer}/tenant`, 'tenant', Object.keys(tenants), report);
    else if (config.auth === undefined)
      report.add(
        `${pointer}/tenant`,
        `Nobody can belong to ${report.show(`${pointer}/tenant`, policy.tenant)}: there are neither \`tenants\` nor \`auth\``,
        'Add both, or remove `tenant` here',
      );
  }
};

const checkDedicated = (tenants: NonNullable<RawConfig['tenants']>, report: Report): void => {
  for (const [name, { dedicated, servers }] of Object.entries(tenants)) {
    if (dedicated !== true) continue;
    const pointer = childPointer('/tenants', name);
    if (servers === undefined)
      report.add(
        `${pointer}/dedicated`,
        'A tenant of its own servers has to name them',
        'Add `servers`, or remove `dedicated`',
        'key',
      );
    for (const [other, { servers: theirs = [] }] of Object.entries(tenants))
      for (const [index, server] of theirs.entries())
        if (other !== name && servers?.includes(server) === true)
          report.add(
            `${childPointer('/tenants', other)}/servers/${index}`,
            `${report.show(`${childPointer('/tenants', other)}/servers/${index}`, server)} is the own server of another tenant`,
            'Remove it here, or `dedicated` there',
          );
  }
};
