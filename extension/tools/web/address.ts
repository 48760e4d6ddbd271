import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { ToolError, ToolRefusal } from '../tool.ts';

/** An address that was looked up and may be connected to. */
export interface CheckedAddress {
  address: string;
  family: 4 | 6;
}

/** Whether an address is one of the open internet. */
export type AddressRule = (address: string) => boolean;

/** What is not of the open internet, by IANA's registries of special-purpose addresses, and where clouds tell machines their secrets. */
const SPECIAL = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  SPECIAL.addSubnet(net, prefix, 'ipv4');

/** All that is handed out of the internet's newer addresses; within it, those that carry an older address or lead through a tunnel. */
const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet('2000::', 3, 'ipv6');
const SPECIAL_V6 = new BlockList();
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  SPECIAL_V6.addSubnet(net, prefix, 'ipv6');

/** Whether an address is of the open internet: not of this machine, a network around it, or one that stands for another address. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !SPECIAL.check(address, 'ipv4');
  if (family !== 6 || address.includes('%')) return false;
  return GLOBAL_V6.check(address, 'ipv6') && !SPECIAL_V6.check(address, 'ipv6');
}

/**
 * Looks up a host, once: who connects takes the address that was checked, so that a name cannot mean another one by then. A host that has
 * an address inside beside one outside is refused whole.
 * @param host As in a URL: IPv6 in brackets.
 * @throws ToolError where it has none, or one that is not allowed.
 */
export async function checkedAddress(host: string, allowed: AddressRule): Promise<CheckedAddress> {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const found = await lookup(bare, { all: true, verbatim: true }).catch((error: NodeJS.ErrnoException) => {
    throw new ToolError(`${host} is not found (${error.code ?? error.message}).`);
  });
  const [first] = found;
  if (!first) throw new ToolError(`${host} is not found.`);
  if (!found.every(({ address }) => allowed(address)))
    throw new ToolRefusal(`${host} is no host of the open internet; only those are fetched from.`);
  return { address: first.address, family: first.family === 6 ? 6 : 4 };
}
