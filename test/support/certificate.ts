import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Paths of a self-signed certificate for `localhost`, which is its own authority, and its key. */
export type Certificate = { readonly certPath: string; readonly keyPath: string };

/** Makes one with openssl. @returns undefined where openssl is not installed */
export function makeCertificate(folder: string): Certificate | undefined {
  const certPath = join(folder, "cert.pem");
  const keyPath = join(folder, "key.pem");
  const run = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", keyPath, "-out", certPath, "-days", "2", "-subj", "/CN=localhost"],
    ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
  ]);
  return run.status === 0 ? { certPath, keyPath } : undefined;
}

/** The same, read. */
export function readCertificate({ certPath, keyPath }: Certificate): { cert: string; key: string } {
  return { cert: readFileSync(certPath, "utf8"), key: readFileSync(keyPath, "utf8") };
}
