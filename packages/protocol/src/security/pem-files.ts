import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { AdaedlError } from "@adaedl/core";
import type { TlsFiles } from "./tls-files.ts";

/** What the files hold; each is there when its file is. */
export interface PemContents {
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  readonly ca: Buffer | undefined;
}

/**
 * Reads the files and tries what is in them.
 * @param known what they held before: not tried again where nothing has changed
 * @returns `known` itself where nothing has changed
 * @throws AdaedlError `invalid_argument` naming the first file that is unreadable or of no use
 */
export function readPemFiles(files: TlsFiles, known?: PemContents): PemContents {
  const { certFile, keyFile, caFile } = files;
  const cert = readPem(certFile, "tlsCert");
  const key = readPem(keyFile, "tlsKey");
  const ca = readPem(caFile, "tlsCa");
  if (known && isSame(cert, known.cert) && isSame(key, known.key) && isSame(ca, known.ca))
    return known;
  if (cert) tryPem("tlsCert", certFile, () => createSecureContext({ cert }));
  if (cert && key) tryPem("tlsKey", keyFile, () => createSecureContext({ cert, key }));
  if (ca) tryPem("tlsCa", caFile, () => new X509Certificate(ca));
  return { cert, key, ca };
}

function readPem(file: string | undefined, field: string): Buffer | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw badFile(field, file, `cannot be read: ${reason}`, cause);
  }
}

function tryPem(field: string, file: string | undefined, use: () => unknown): void {
  try {
    use();
  } catch (cause) {
    const { reason, message } = cause as Error & { reason?: string }; // OpenSSL's errors have one
    throw badFile(field, file, `cannot be used: ${reason ?? message}`, cause);
  }
}

function badFile(field: string, file: string | undefined, rule: string, cause: unknown) {
  const details = { field, value: file, cause };
  return new AdaedlError("invalid_argument", `${field} ${file} ${rule}`, details);
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && one.equals(other));
}
