/** Octets of hexadecimal text; spaces and line ends are for the reader. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) throw new Error(`${text}: not octets`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Octets of text (UTF-8, so ASCII stays as it is). */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** One array of all the parts; a number stands for one octet. */
export function join(...parts: readonly (Uint8Array | number | readonly number[])[]): Uint8Array {
  const arrays = parts.map((part) => (typeof part === "number" ? [part] : part));
  const joined = new Uint8Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}

/** Two octets, network order. */
export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

/** Three octets, network order. */
export function u24(value: number): Uint8Array {
  return Uint8Array.of(value >>> 16, value >>> 8, value);
}

/** Four octets, network order. */
export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Six octets of an Ethernet address such as `02:00:00:00:00:01`. */
export function mac(address: string): Uint8Array {
  const octets = address.split(":").map((part) => Number.parseInt(part, 16));
  if (octets.length !== 6 || octets.some(Number.isNaN)) throw new Error(`${address}: not a MAC`);
  return Uint8Array.from(octets);
}

/** Four octets of an IPv4 address, or sixteen of an IPv6 address, told apart by its colons. */
export function ip(address: string): Uint8Array {
  if (address.includes(":")) return ipv6Octets(address);
  const octets = address.split(".").map(Number);
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) {
    throw new Error(`${address}: not an IPv4 address`);
  }
  return Uint8Array.from(octets);
}

function ipv6Octets(address: string): Uint8Array {
  const [left = "", right] = address.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) throw new Error(`${address}: not IPv6`);
  const groups = [...head, ...new Array<string>(missing).fill("0"), ...tail];
  return join(...groups.map((group) => u16(Number.parseInt(group, 16))));
}
