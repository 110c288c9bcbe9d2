import { BlockList, isIPv6 } from 'node:net';

/**
 * Where an address leads to. `special` ones (link-local, multicast, reserved) are never a web server's; `metadata` ones give whoever
 * asks the credentials of the machine in a cloud.
 */
export type AddressClass = 'public' | 'private' | 'loopback' | 'special' | 'metadata';

const ranges = (...subnets: readonly (readonly [string, number])[]): BlockList => {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, isIPv6(net) ? 'ipv6' : 'ipv4');
  return list;
};

/** AWS (IMDS, ECS, EKS), Azure, Google, Oracle, Alibaba. Some lie in ranges that are somebody's hosts elsewhere. */
const metadata = ranges(
  ['169.254.169.254', 32],
  ['169.254.170.2', 32],
  ['169.254.170.23', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
  ['100.100.100.200', 32],
  ['fd00:ec2::254', 128],
  ['fd00:ec2::23', 128],
  ['fd20:ce::254', 128],
);
const loopback = ranges(['127.0.0.0', 8], ['::1', 128]);
const local = ranges(
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['fc00::', 7],
);
/** RFC 6890 and its successors: what is neither of the above nor somebody's host. */
const special = ranges(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
);

/** Sorts an IP address, written without brackets. IPv4 in IPv6 (`::ffff:10.0.0.1`) is what it stands for; a zone (`%eth0`) is none. */
export const addressClass = (address: string): AddressClass => {
  const [plain = ''] = address.split('%');
  const family = isIPv6(plain) ? 'ipv6' : 'ipv4';
  if (metadata.check(plain, family)) return 'metadata';
  if (loopback.check(plain, family)) return 'loopback';
  if (local.check(plain, family)) return 'private';
  return special.check(plain, family) ? 'special' : 'public';
};
