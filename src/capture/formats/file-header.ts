import { CaptureError } from "../../core/errors.ts";
import type { ByteWindow } from "../input/byte-window.ts";
import { TruncatedCaptureError } from "../input/damage.ts";

/**
 * Waits for the file header of a capture, which begins where the window is.
 * @param length - octets it has
 * @throws CaptureError when the capture ends before that
 */
export async function needFileHeader(window: ByteWindow, length: number): Promise<void> {
  if (await window.more(length)) return;
  const { name, offset, available } = window;
  throw new TruncatedCaptureError(name, "the file header", offset, length, available);
}

/**
 * A version nobody reads.
 * @param what - the format and the version
 * @param offset - where it is stated
 */
export function unknownVersion(path: string, what: string, offset: number): CaptureError {
  const text = `${path}: ${what} is not known; convert it with "editcap -F pcapng"`;
  return new CaptureError("PF_CAPTURE_VERSION", path, offset, text);
}
