import { BlockList, isIPv6 } from 'node:net';

/** Where an address leads to. `special` ones (link-local, multicast, reserved, cloud metadata) are never a web server's. */
export type AddressClass = 'public' | 'private' | 'loopback' | 'special';

const ranges = (...subnets: readonly (readonly [string, number])[]): BlockList => {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, isIPv6(net) ? 'ipv6' : 'ipv4');
  return list;
};

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
  ['::', 128],
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

/** Sorts an IP address, written without brackets. IPv4 in IPv6 (`::ffff:10.0.0.1`) is what it stands for. */
export const addressClass = (address: string): AddressClass => {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (loopback.check(address, family)) return 'loopback';
  if (local.check(address, family)) return 'private';
  return special.check(address, family) ? 'special' : 'public';
};
