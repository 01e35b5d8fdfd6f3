import { accessSync, constants } from "node:fs";
import { AdaedlError, invalidField } from "@adaedl/core";
import { ChannelCredentials, experimental, ServerCredentials } from "@grpc/grpc-js";

/** PEM files. They are read again when they change: rotating them needs no restart. */
export interface TlsFiles {
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Whom to trust: for a server its clients (then each has to show a certificate). */
  readonly caFile?: string | undefined;
  /** How often the files are looked at, in milliseconds; default 5 000. */
  readonly refreshMs?: number | undefined;
}

const defaultRefreshMs = 5_000;

/**
 * Plain text without files, TLS with certificate and key, mutual TLS with a CA as well.
 * @throws AdaedlError `invalid_argument` when files are missing that belong together, or unreadable
 */
export function serverCredentials(files: TlsFiles | undefined): ServerCredentials {
  if (files === undefined || isEmpty(files)) return ServerCredentials.createInsecure();
  checkPair(files);
  if (files.certFile === undefined)
    throw invalidField("tlsCert", undefined, "must be given where a CA is");
  const provider = watch(files);
  // One provider for both roles: in the library (1.14) the two parameters are swapped.
  const ca = files.caFile === undefined ? null : provider;
  return experimental.createCertificateProviderServerCredentials(provider, ca, ca !== null);
}

/**
 * Plain text without files, TLS with a CA, mutual TLS with certificate and key as well.
 * @throws AdaedlError `invalid_argument` when files are missing that belong together, or unreadable
 */
export function channelCredentials(files: TlsFiles | undefined): ChannelCredentials {
  if (files === undefined || isEmpty(files)) return ChannelCredentials.createInsecure();
  checkPair(files);
  if (files.caFile === undefined)
    throw invalidField("tlsCa", undefined, "must be given where a certificate is");
  const provider = watch(files);
  const identity = files.certFile === undefined ? null : provider;
  return experimental.createCertificateProviderChannelCredentials(provider, identity);
}

function watch(files: TlsFiles) {
  const { certFile, keyFile, caFile, refreshMs = defaultRefreshMs } = files;
  return new experimental.FileWatcherCertificateProvider({
    certificateFile: certFile,
    privateKeyFile: keyFile,
    caCertificateFile: caFile,
    refreshIntervalMs: refreshMs,
  });
}

/** The library would go on without what it cannot read, and refuse every connection. */
function checkPair(files: TlsFiles): void {
  const { certFile, keyFile, caFile } = files;
  if ((certFile === undefined) !== (keyFile === undefined))
    throw invalidField(
      certFile === undefined ? "tlsCert" : "tlsKey",
      undefined,
      "must be given: certificate and key go together",
    );
  for (const [field, file] of Object.entries({
    tlsCert: certFile,
    tlsKey: keyFile,
    tlsCa: caFile,
  })) {
    if (file === undefined) continue;
    try {
      accessSync(file, constants.R_OK);
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code;
      throw new AdaedlError("invalid_argument", `${field} ${file} cannot be read: ${reason}`, {
        field,
        value: file,
        cause,
      });
    }
  }
}

function isEmpty({ certFile, keyFile, caFile }: TlsFiles): boolean {
  return certFile === undefined && keyFile === undefined && caFile === undefined;
}
