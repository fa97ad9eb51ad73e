import type { Command } from "commander";
import { type Device, listDevices } from "../capture/live/devices.ts";
import { ExitCode } from "../core/errors.ts";
import { type Column, newPainter, type Tone, tableLines } from "../sink/table/text-table.ts";
import { linkTypeName } from "../wire/link-type.ts";
import { COMMAND_WORDS } from "./options/command-words.ts";
import type { PortsIo } from "./ports/ports-io.ts";

const MEGABITS_IN_GIGABIT = 1000;
const NOT_ALLOWED =
  "portflow: devices: this user may not capture; run as root, or once: " +
  "sudo setcap cap_net_raw+ep $(readlink -f $(which node))\n";

/** Adds `devices` to the program. @param finish - gets the exit code */
export function registerDevices(
  program: Command,
  io: PortsIo,
  finish: (exitCode: ExitCode) => void,
): void {
  program
    .command("devices")
    .description(COMMAND_WORDS.devices.description)
    .option("--json", "one JSON array instead of columns")
    .action((options: { readonly json?: boolean }) => {
      const devices = listDevices();
      if (options.json === true) io.stdout(`${JSON.stringify(devices.map(deviceJson))}\n`);
      else {
        const lines = tableLines(deviceColumns(devices), newPainter(io.color));
        io.stdout(`${lines.join("\n")}\n`);
        if (devices.some(({ isAllowed }) => isAllowed === false)) io.stderr(NOT_ALLOWED);
      }
      finish(ExitCode.Ok);
    });
}

/** A device as public JSON. */
function deviceJson(device: Device): object {
  const { name, addresses, mac, linkType, isLoopback, state, speed, mtu, backends } = device;
  return {
    name,
    ...(state === undefined ? {} : { state }),
    ...(mac === undefined ? {} : { mac }),
    addresses,
    ...(linkType === undefined ? {} : { link_type: linkTypeName(linkType) }),
    loopback: isLoopback,
    ...(speed === undefined ? {} : { speed_mbit: speed }),
    ...(mtu === undefined ? {} : { mtu }),
    backends,
    ...(device.isAllowed === undefined ? {} : { allowed: device.isAllowed }),
  };
}

function deviceColumns(devices: readonly Device[]): readonly Column[] {
  const column = (
    heading: string,
    text: (device: Device) => string,
    tone: (device: Device) => Tone = () => "plain",
  ): Column => ({
    heading,
    isNumber: heading === "speed",
    cells: devices.map((device) => ({ text: text(device), tone: tone(device) })),
  });
  return [
    column(
      "device",
      ({ name }) => name,
      () => "strong",
    ),
    column(
      "state",
      ({ state = "" }) => state,
      ({ state }) => (state === "up" ? "good" : "faint"),
    ),
    column("speed", ({ speed }) => speedText(speed)),
    column("link", ({ linkType }) => (linkType === undefined ? "" : linkTypeName(linkType))),
    column("capture with", ({ backends }) => backends.join(" ")),
    column(
      "allowed",
      ({ isAllowed }) => allowedText(isAllowed),
      ({ isAllowed }) => (isAllowed === false ? "bad" : "plain"),
    ),
    column("addresses", ({ addresses }) => addresses.join(" ")),
  ];
}

function speedText(megabits: number | undefined): string {
  if (megabits === undefined) return "";
  return megabits < MEGABITS_IN_GIGABIT ? `${megabits}M` : `${megabits / MEGABITS_IN_GIGABIT}G`;
}

function allowedText(isAllowed: boolean | undefined): string {
  if (isAllowed === undefined) return "try";
  return isAllowed ? "yes" : "no";
}
