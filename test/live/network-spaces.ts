import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

/** Why live capture can't be tried here; undefined where it can. */
export function whyNoLive(): string | undefined {
  if (process.platform !== "linux") return "packet sockets are Linux's";
  if (process.getuid?.() !== 0) return "not root";
  try {
    createRequire(import.meta.url)("koffi");
  } catch {
    return "koffi is not installed";
  }
  const name = `pf-try-${process.pid}`;
  const tried = spawnSync("ip", ["netns", "add", name]);
  if (tried.status !== 0) return "ip netns add does not work here";
  spawnSync("ip", ["netns", "delete", name]);
  return undefined;
}

/** Two network namespaces joined by a wire: what goes in at `sender` comes out at `receiver`. */
export type Wire = {
  readonly sender: string;
  readonly senderDevice: string;
  readonly receiver: string;
  readonly receiverDevice: string;
  /** `ip` in the receiver's namespace. */
  ip(...args: readonly string[]): void;
  remove(): void;
};

/** Lays a wire. Nothing but what a test sends travels on it. */
export function newWire(label: string): Wire {
  const id = `${label}${process.pid}`;
  const sender = `pfs-${id}`;
  const receiver = `pfr-${id}`;
  const senderDevice = "wire0";
  const receiverDevice = "wire1";
  for (const name of [sender, receiver]) {
    ip("netns", "add", name);
    // Neighbour discovery would talk otherwise.
    for (const scope of ["all", "default"]) {
      run("ip", "netns", "exec", name, "sysctl", "-qw", `net.ipv6.conf.${scope}.disable_ipv6=1`);
    }
    ip("-n", name, "link", "set", "lo", "up");
  }
  layWire(sender, receiver, senderDevice, receiverDevice);
  return {
    sender,
    senderDevice,
    receiver,
    receiverDevice,
    ip: (...args) => ip("-n", receiver, ...args),
    remove: () => {
      for (const name of [sender, receiver]) spawnSync("ip", ["netns", "delete", name]);
    },
  };
}

/** A pair of devices, one in each namespace; frames of any size pass. */
export function layWire(
  sender: string,
  receiver: string,
  senderDevice: string,
  receiverDevice: string,
): void {
  const peer = ["peer", "name", receiverDevice, "netns", receiver];
  ip("link", "add", senderDevice, "netns", sender, "type", "veth", ...peer);
  ip("-n", sender, "link", "set", senderDevice, "mtu", "65535", "up");
  ip("-n", receiver, "link", "set", receiverDevice, "mtu", "65535", "up");
}

function ip(...args: readonly string[]): void {
  run("ip", ...args);
}

function run(program: string, ...args: readonly string[]): void {
  const done = spawnSync(program, args);
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${done.stderr}`);
}
