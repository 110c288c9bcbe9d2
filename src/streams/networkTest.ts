import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * A test whether an address is listed, or in a network that is. What is no address is in none.
 *
 * @param networks IP addresses, and networks as `address/bits`
 */
export const networkTest = (networks: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits ?? (isIPv6(address) ? 128 : 32)), familyOf(address));
  }
  return (address) => {
    const [bare = ''] = address.split('%');
    return isIP(bare) > 0 && list.check(bare, familyOf(bare));
  };
};

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
