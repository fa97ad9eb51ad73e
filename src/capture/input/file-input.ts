import { close, constants, fstatSync, open, openSync, statSync } from "node:fs";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { CaptureError, TOO_MANY_FILES } from "../../core/errors.ts";
import { chunkOctets } from "./chunk-octets.ts";
import { fileOctets } from "./file-octets.ts";
import type { OctetReader } from "./octet-reader.ts";

const openDescriptor = promisify(open);
const closeDescriptor = promisify(close);

const STANDARD_INPUT = 0;

/** What Node puts in the place of octets that are no UTF-8. */
const REPLACEMENT = "\ufffd";
const NOT_UTF8 = "Node knows names in UTF-8 only: rename it, or pipe it into `portflow read -`";

/**
 * Opens a file, named pipe or device for reading.
 * @throws CaptureError that says what to do: no such file, permission denied, a directory
 */
export async function openPath(path: string): Promise<OctetReader> {
  let descriptor: number;
  try {
    const found = statSync(path);
    if (found.isFile()) descriptor = openSync(path, "r");
    // Linux lets a pipe that nobody writes to yet be opened, and then has nothing to say of it. A
    // thread that waited for a writer could not be called off: the process would not end.
    else if (found.isFIFO() && process.platform === "linux") {
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } else descriptor = await openDescriptor(path, "r");
  } catch (error: unknown) {
    throw cannotOpen(path, error);
  }
  const stat = fstatSync(descriptor);
  if (stat.isDirectory()) {
    await closeDescriptor(descriptor);
    throw cannotOpen(path, { code: "EISDIR" });
  }
  // A read from a pipe on the thread pool can't be called off, and keeps the process from ending.
  if (stat.isFIFO()) {
    const { Socket } = await import("node:net");
    return streamOctets(new Socket({ fd: descriptor, readable: true, writable: false }));
  }
  return fileOctets(descriptor, stat.isFile() ? stat.size : undefined);
}

/**
 * Reads standard input: a file, a pipe, a socket.
 * @throws CaptureError when it is a terminal or a directory
 */
export async function openStandardInput(): Promise<OctetReader> {
  const { isatty } = await import("node:tty");
  if (isatty(STANDARD_INPUT)) {
    throw new CaptureError(
      "PF_CAPTURE_TERMINAL",
      "-",
      0,
      "-: standard input is a terminal; pipe a capture in or name a file",
    );
  }
  const stat = fstatSync(STANDARD_INPUT);
  if (stat.isDirectory()) throw cannotOpen("-", { code: "EISDIR" });
  if (stat.isFile()) return fileOctets(STANDARD_INPUT, stat.size);
  return streamOctets(process.stdin);
}

/**
 * The file system's refusal in one line.
 * @param error - what `node:fs` threw, for its `code`
 */
export function cannotOpen(path: string, error: unknown): CaptureError {
  const code = (error as { code?: string }).code ?? String(error);
  switch (code) {
    case "ENOENT":
      return new CaptureError(
        "PF_CAPTURE_NOT_FOUND",
        path,
        0,
        `${path === "" ? '""' : path}: no such file; ${path.includes(REPLACEMENT) ? NOT_UTF8 : "check the path"}`,
        error,
      );
    case "EACCES":
    case "EPERM":
      return new CaptureError(
        "PF_CAPTURE_PERMISSION",
        path,
        0,
        `${path}: permission denied; check who may read it`,
        error,
      );
    case "ENOTDIR":
      return new CaptureError(
        "PF_CAPTURE_NOT_FOUND",
        path,
        0,
        `${path}: a part of the path is not a directory; check the path`,
        error,
      );
    case "EMFILE":
      return new CaptureError(
        "PF_CAPTURE_READ",
        path,
        0,
        `${path}: can't be opened: ${TOO_MANY_FILES}`,
        error,
      );
    case "EISDIR":
      return new CaptureError(
        "PF_CAPTURE_DIRECTORY",
        path,
        0,
        `${path}: is a directory; name the files in it`,
        error,
      );
    default:
      return new CaptureError(
        "PF_CAPTURE_READ",
        path,
        0,
        `${path}: can't be opened (${code})`,
        error,
      );
  }
}

function streamOctets(stream: Readable): OctetReader {
  return chunkOctets(stream, {
    release: () => {
      stream.destroy();
    },
  });
}
