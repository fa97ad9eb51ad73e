import { UsageError } from "../../core/errors.ts";
import { directionProgram } from "./af-packet-socket.ts";
import {
  Ancillary,
  assemble,
  BpfCode,
  INSTRUCTION_OCTETS,
  joined,
  takeAll,
  takeNone,
} from "./bpf-program.ts";
import { HARDWARE_ETHERNET, HARDWARE_LOOPBACK } from "./hardware-type.ts";
import { compileForDevice, compileForLinkType } from "./libpcap-filter.ts";
import { ANY_INTERFACE, type LiveOptions } from "./live-interface.ts";

const LINK_RAW_IP = 101;
/** A device that is always there and whose frames look like Ethernet's. */
const SOME_DEVICE = "lo";

/**
 * The program that a packet socket runs over every packet: direction, the user's filter, snaplen.
 * @param name - the device, or `any`
 * @param linkType - of the device's frames
 * @throws UsageError when the filter is none for this device; CaptureError without libpcap
 */
export function socketProgram(name: string, linkType: number, options: LiveOptions): Uint8Array {
  const isAny = name === ANY_INTERFACE;
  const { filter, snaplen, direction } = options;
  const before = directionProgram(direction, isAny);
  if (filter === undefined) return joined(before, takeAll(snaplen));
  if (isAny) return joined(before, anyProgram(filter, snaplen));
  return joined(
    before,
    compileForDevice(filter, name, snaplen) ?? compileForLinkType(filter, linkType, snaplen),
  );
}

/** One program for Ethernet's frames, one for interfaces whose packets begin with IP. */
function anyProgram(filter: string, snaplen: number): Uint8Array {
  const ethernet =
    compileForDevice(filter, SOME_DEVICE, snaplen) ?? compileForLinkType(filter, 1, snaplen);
  const raw = rawProgram(filter, snaplen);
  const { LoadWord, JumpIfEqual, Jump } = BpfCode;
  const choice = assemble(
    [LoadWord, 0, 0, Ancillary.Hardware],
    [JumpIfEqual, 1, 0, HARDWARE_ETHERNET],
    [JumpIfEqual, 0, 1, HARDWARE_LOOPBACK],
    [Jump, 0, 0, raw.length / INSTRUCTION_OCTETS],
  );
  return joined(choice, raw, ethernet);
}

/** What only Ethernet has no packet without Ethernet can match. */
function rawProgram(filter: string, snaplen: number): Uint8Array {
  try {
    return compileForLinkType(filter, LINK_RAW_IP, snaplen);
  } catch (error: unknown) {
    if (error instanceof UsageError) return takeNone();
    throw error;
  }
}
