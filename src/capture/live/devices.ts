import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { networkInterfaces } from "node:os";
import { deviceNames, deviceNumber, deviceText } from "./device-facts.ts";
import { linkTypeOfHardware } from "./hardware-type.ts";
import { loadKoffi, loadLibpcap } from "./native-library.ts";
import type { Backend } from "./open-live.ts";

/** CAP_NET_RAW of linux/capability.h. */
const CAPABILITY_NET_RAW = 13n;
const FLAG_UP = 1;
const FLAG_LOOPBACK = 8;

/** A network device that may be listened to. */
export type Device = {
  readonly name: string;
  /** IPv4 and IPv6 addresses with their prefix lengths. */
  readonly addresses: readonly string[];
  readonly mac?: string;
  /** LINKTYPE_* number of its frames; absent where the system doesn't say. */
  readonly linkType?: number;
  readonly isLoopback: boolean;
  /** `up`, `down`, or what else the system calls it; absent where it doesn't say. */
  readonly state?: string;
  /** Megabits per second. */
  readonly speed?: number;
  readonly mtu?: number;
  /** Ways to listen to it for which everything is installed. */
  readonly backends: readonly Backend[];
  /** Whether this process may listen to it; undefined where that can only be tried. */
  readonly isAllowed?: boolean;
};

/** The devices of this system, loopback last. */
export function listDevices(): readonly Device[] {
  const known = networkInterfaces();
  const names = new Set([...deviceNames(), ...Object.keys(known)]);
  const backends = installedBackends();
  const isAllowed = mayListen();
  const devices = [...names].map((name) => deviceOf(name, known[name] ?? [], backends, isAllowed));
  return devices.sort(
    (a, b) => Number(a.isLoopback) - Number(b.isLoopback) || (a.name < b.name ? -1 : 1),
  );
}

type Addresses = NonNullable<ReturnType<typeof networkInterfaces>[string]>;

function deviceOf(
  name: string,
  addresses: Addresses,
  backends: readonly Backend[],
  isAllowed: boolean | undefined,
): Device {
  const hardware = deviceNumber(name, "type");
  const flags = deviceNumber(name, "flags");
  const speed = deviceNumber(name, "speed");
  const mtu = deviceNumber(name, "mtu");
  const mac = deviceText(name, "address") ?? addresses[0]?.mac;
  const isLoopback =
    flags === undefined ? addresses[0]?.internal === true : (flags & FLAG_LOOPBACK) !== 0;
  const state = stateOf(name, flags);
  return {
    name,
    addresses: addresses.map(({ cidr, address }) => cidr ?? address),
    ...(mac === undefined || /^[0:]*$/.test(mac) ? {} : { mac }),
    ...(hardware === undefined ? {} : { linkType: linkTypeOfHardware(hardware) }),
    isLoopback,
    ...(state === undefined ? {} : { state }),
    ...(speed === undefined || speed < 0 ? {} : { speed }),
    ...(mtu === undefined ? {} : { mtu }),
    backends,
    ...(isAllowed === undefined ? {} : { isAllowed }),
  };
}

/** Loopback and tunnels call themselves unknown though they are up. */
function stateOf(name: string, flags: number | undefined): string | undefined {
  const state = deviceText(name, "operstate");
  if (state !== "unknown" || flags === undefined) return state;
  return (flags & FLAG_UP) !== 0 ? "up" : "down";
}

function installedBackends(): readonly Backend[] {
  const found: Backend[] = [];
  if (process.platform === "linux" && isThere(() => loadKoffi(""))) found.push("af-packet");
  if (process.platform !== "win32" && isThere(() => loadLibpcap(""))) found.push("libpcap");
  if (isThere(() => createRequire(import.meta.url).resolve("cap"))) found.push("cap");
  return found;
}

function isThere(load: () => unknown): boolean {
  try {
    load();
    return true;
  } catch {
    return false;
  }
}

/** Whether the process has the capability that packet sockets need. @see capabilities(7) */
function mayListen(): boolean | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const [, mask = ""] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
    return mask === "" ? undefined : ((BigInt(`0x${mask}`) >> CAPABILITY_NET_RAW) & 1n) === 1n;
  } catch {
    return undefined;
  }
}
