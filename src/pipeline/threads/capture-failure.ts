import { CaptureError } from "../../core/errors.ts";

/** What a CaptureError says, as it passes between threads. */
export type CaptureFailure = {
  readonly code: string;
  readonly path: string;
  readonly offset: number;
  readonly message: string;
};

/** @returns what another thread makes an error of */
export function failureOf({ code, path, offset, message }: CaptureError): CaptureFailure {
  return { code, path, offset, message };
}

/** @returns the error that another thread met */
export function errorOf({ code, path, offset, message }: CaptureFailure): CaptureError {
  return new CaptureError(code, path, offset, message);
}
