import type koffi from "koffi";
import { CaptureError } from "../../core/errors.ts";
import { npmAdvice } from "../../core/npm-advice.ts";

/** Functions of a shared library, called with numbers, BigInt addresses and buffers. */
export type NativeLibrary = ReturnType<typeof koffi.load>;
/** The package that calls them. */
export type Koffi = typeof koffi;

/** Names of libpcap, the one with a stable meaning first. */
const LIBPCAP_NAMES: readonly string[] =
  process.platform === "darwin"
    ? ["libpcap.A.dylib", "/usr/lib/libpcap.A.dylib"]
    : ["libpcap.so.1", "libpcap.so.0.8", "libpcap.so"];

let loadedKoffi: Koffi | undefined;
let loadedLibpcap: NativeLibrary | undefined;

/**
 * The optional package koffi, which calls into the system's libraries.
 * @param subject - what needs it, for the message
 * @throws CaptureError when it is not installed or has no build for this machine
 */
export function loadKoffi(subject: string): Koffi {
  try {
    const { createRequire } = process.getBuiltinModule("node:module");
    loadedKoffi ??= createRequire(import.meta.url)("koffi") as Koffi;
    return loadedKoffi;
  } catch (error: unknown) {
    throw new CaptureError(
      "PF_NO_KOFFI",
      subject,
      0,
      `${subject}: needs the package koffi, ${whyNot(error)}`,
      error,
    );
  }
}

/** It may be there, without a build for this machine. */
function whyNot(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "MODULE_NOT_FOUND" || message === undefined) {
    return `which is not installed here; ${npmAdvice("install", "koffi")}`;
  }
  return `which can't be loaded here: ${message.split("\n")[0]}`;
}

/**
 * The system's libpcap.
 * @param subject - what needs it, for the message
 * @throws CaptureError when koffi or libpcap is missing
 */
export function loadLibpcap(subject: string): NativeLibrary {
  if (loadedLibpcap !== undefined) return loadedLibpcap;
  const koffi = loadKoffi(subject);
  for (const name of LIBPCAP_NAMES) {
    try {
      loadedLibpcap = koffi.load(name);
      return loadedLibpcap;
    } catch {
      // The next name may be there.
    }
  }
  throw new CaptureError(
    "PF_NO_LIBPCAP",
    subject,
    0,
    `${subject}: needs the system's libpcap, which is not installed; apt-get install libpcap0.8`,
  );
}
