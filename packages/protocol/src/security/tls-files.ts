import { invalidField } from "@adaedl/core";
import { ChannelCredentials, experimental, ServerCredentials } from "@grpc/grpc-js";
import { type PemContents, readPemFiles } from "./pem-files.ts";
import { watchPemFiles } from "./pem-provider.ts";

/**
 * PEM files. They are read again when they change: rotating them needs no restart, and counts for new
 * connections once all of them fit each other.
 */
export interface TlsFiles {
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Whom to trust: for a server its clients (then each has to show a certificate). */
  readonly caFile?: string | undefined;
  /** How often the files are looked at, in milliseconds; default 5 000. */
  readonly refreshMs?: number | undefined;
}

/**
 * Plain text without files, TLS with certificate and key, mutual TLS with a CA as well.
 * @throws AdaedlError `invalid_argument` when files that belong together are missing, unreadable or of
 *   no use
 */
export function serverCredentials(files: TlsFiles | undefined): ServerCredentials {
  if (files === undefined || isEmpty(files)) return ServerCredentials.createInsecure();
  checkServerFiles(files);
  const provider = watchPemFiles(files);
  // One provider for both roles: in the library (1.14) the two parameters are swapped.
  const ca = files.caFile === undefined ? null : provider;
  return experimental.createCertificateProviderServerCredentials(provider, ca, ca !== null);
}

/**
 * What the files of a server that is none of gRPC hold.
 * @param known what they held before, returned where nothing has changed
 * @returns undefined without files: plain text
 * @throws AdaedlError as `serverCredentials` does
 */
export function readServerPem(
  files: TlsFiles | undefined,
  known?: PemContents,
): PemContents | undefined {
  if (files === undefined || isEmpty(files)) return undefined;
  checkServerFiles(files);
  return readPemFiles(files, known);
}

/**
 * Plain text without files, TLS with a CA, mutual TLS with certificate and key as well.
 * @throws AdaedlError `invalid_argument` when files that belong together are missing, unreadable or of
 *   no use
 */
export function channelCredentials(files: TlsFiles | undefined): ChannelCredentials {
  if (files === undefined || isEmpty(files)) return ChannelCredentials.createInsecure();
  checkPair(files);
  if (files.caFile === undefined)
    throw invalidField("tlsCa", undefined, "must be given where a certificate is");
  const provider = watchPemFiles(files);
  const identity = files.certFile === undefined ? null : provider;
  return experimental.createCertificateProviderChannelCredentials(provider, identity);
}

function checkServerFiles(files: TlsFiles): void {
  checkPair(files);
  if (files.certFile === undefined)
    throw invalidField("tlsCert", undefined, "must be given where a CA is");
}

function checkPair({ certFile, keyFile }: TlsFiles): void {
  if ((certFile === undefined) === (keyFile === undefined)) return;
  throw invalidField(
    certFile === undefined ? "tlsCert" : "tlsKey",
    undefined,
    "must be given: certificate and key go together",
  );
}

function isEmpty({ certFile, keyFile, caFile }: TlsFiles): boolean {
  return certFile === undefined && keyFile === undefined && caFile === undefined;
}
