/**
 * Internet checksum over the parts one after the other (RFC 1071); only the last part may have an
 * odd length.
 */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += (part[at]! << 8) | (part[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
  return ~sum & 0xffff;
}

/** CRC-32C (Castagnoli, reflected polynomial 82f63b78) as SCTP uses it, RFC 9260 appendix A. */
export function crc32c(octets: Uint8Array): number {
  let register = 0xffffffff;
  for (const octet of octets) {
    register ^= octet;
    for (let bit = 0; bit < 8; bit++) {
      register = (register & 1) === 1 ? (register >>> 1) ^ 0x82f63b78 : register >>> 1;
    }
  }
  return ~register >>> 0;
}
