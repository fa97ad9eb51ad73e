import { closeSync, openSync, readSync } from "node:fs";

const SYSTEM_SOURCE = "/dev/urandom";

/**
 * Octets that nobody can foresee, from where node:crypto takes its own: that module takes longer to load
 * than a small capture to read, and is asked only where the system has no such file.
 */
export function randomOctets(count: number): Buffer {
  const octets = Buffer.alloc(count);
  if (readsSystemSource(octets)) return octets;
  return process.getBuiltinModule("node:crypto").randomBytes(count);
}

/** Fills the octets; false where the system has no source that can be read like a file. */
function readsSystemSource(octets: Buffer): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(SYSTEM_SOURCE, "r");
  } catch {
    return false;
  }
  try {
    return readSync(descriptor, octets) === octets.length;
  } catch {
    return false;
  } finally {
    closeSync(descriptor);
  }
}
