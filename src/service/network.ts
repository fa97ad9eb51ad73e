/** An address block; addresses as the decoder gives them: four int32 words, IPv4 in the last. */
export type Network = {
  /** 4 or 6. */
  readonly ipVersion: number;
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
  readonly mask0: number;
  readonly mask1: number;
  readonly mask2: number;
  readonly mask3: number;
};

const DOT = 46;
const DIGIT_ZERO = 48;

/** Nothing but its masks is the same of all networks of one address. */
const ONE_ADDRESS: Network = {
  ipVersion: 0,
  word0: 0,
  word1: 0,
  word2: 0,
  word3: 0,
  mask0: -1,
  mask1: -1,
  mask2: -1,
  mask3: -1,
};

/**
 * Read `ADDRESS` or `ADDRESS/PREFIX` of either IP version; host bits are ignored, RFC 4632 section 3.1.
 * @returns undefined when the text is anything else
 */
export function parseNetwork(text: string): Network | undefined {
  const single = ipv4Word(text);
  if (single >= 0) return { ...ONE_ADDRESS, ipVersion: 4, word3: single | 0 };
  const [address = "", prefixText, ...rest] = text.split("/");
  const ipVersion = ipVersionOf(address);
  const words = ipVersion === 4 ? ipv4Words(address) : ipv6Words(address);
  if (words === undefined || rest.length > 0) return undefined;
  const width = ipVersion === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? width : Number(prefixText);
  if (prefix > width) return undefined;
  // IPv4 lives in word 3, so its prefix starts after 96 bits that are always zero.
  const bits = ipVersion === 4 ? prefix + 96 : prefix;
  const masks = [0, 1, 2, 3].map((index) => wordMask(bits - 32 * index));
  return {
    ipVersion,
    word0: words[0]! & masks[0]!,
    word1: words[1]! & masks[1]!,
    word2: words[2]! & masks[2]!,
    word3: words[3]! & masks[3]!,
    mask0: masks[0]!,
    mask1: masks[1]!,
    mask2: masks[2]!,
    mask3: masks[3]!,
  };
}

/** True when the address lies in the network. */
export function contains(
  network: Network,
  ipVersion: number,
  word0: number,
  word1: number,
  word2: number,
  word3: number,
): boolean {
  return (
    network.ipVersion === ipVersion &&
    (word0 & network.mask0) === network.word0 &&
    (word1 & network.mask1) === network.word1 &&
    (word2 & network.mask2) === network.word2 &&
    (word3 & network.mask3) === network.word3
  );
}

/** Whether a text is an address of either IP version, without prefix and zone. */
export function isAddress(text: string): boolean {
  return ipv4Word(text) >= 0 || (!text.includes("%") && ipVersionOf(text) === 6);
}

function wordMask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : ~(0xffffffff >>> bits);
}

/** 4, 6, or 0 for what is no address. */
function ipVersionOf(address: string): number {
  if (ipv4Word(address) >= 0) return 4;
  // It brings sockets along, and most runs have no rules.
  return process.getBuiltinModule("node:net").isIPv6(address) ? 6 : 0;
}

/** @returns 0 to 2^32 - 1; -1 for what is no four decimal octets without leading zeros */
function ipv4Word(text: string): number {
  let word = 0;
  let octet = -1;
  let octets = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === DOT && octet >= 0 && octets < 3) {
      word = word * 256 + octet;
      octets += 1;
      octet = -1;
      continue;
    }
    const digit = code - DIGIT_ZERO;
    if (digit < 0 || digit > 9 || octet === 0) return -1;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return -1;
  }
  return octets === 3 && octet >= 0 ? word * 256 + octet : -1;
}

function ipv4Words(address: string): number[] {
  return [0, 0, 0, ipv4Word(address) | 0];
}

function ipv6Words(address: string): number[] | undefined {
  // A zone (fe80::1%eth0) names an interface, not a network.
  if (ipVersionOf(address) !== 6 || address.includes("%")) return undefined;
  const dot = address.lastIndexOf(":") + 1;
  const tail = address.slice(dot);
  const plain = tail.includes(".") ? address.slice(0, dot) + mappedGroups(tail) : address;
  const [head = "", rest] = plain.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = rest === undefined || rest === "" ? [] : rest.split(":");
  const gap = Array.from({ length: 8 - left.length - right.length }, () => "0");
  const groups = [...left, ...gap, ...right].map((group) => Number.parseInt(group, 16));
  return [0, 2, 4, 6].map((index) => (groups[index]! << 16) | groups[index + 1]!);
}

/** The dotted tail of an IPv6 address as two groups, RFC 4291 section 2.2 point 3. */
function mappedGroups(dotted: string): string {
  const word = ipv4Word(dotted);
  return `${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
}
