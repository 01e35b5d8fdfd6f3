import type { experimental } from "@grpc/grpc-js";
import { readPemFiles } from "./pem-files.ts";
import type { TlsFiles } from "./tls-files.ts";

type CaListener = experimental.CaCertificateUpdateListener;
type IdentityListener = experimental.IdentityCertificateUpdateListener;

const defaultRefreshMs = 5_000;

/**
 * Certificates for gRPC from files that may change. The library's own watcher has nothing to show
 * until its first read is done, nor while certificate and key do not fit each other, and drops every
 * connection meanwhile; this one has read the files when it is made, and keeps to what was good last
 * until all of them are good again.
 * @throws AdaedlError `invalid_argument` for files that are unreadable or of no use
 */
export function watchPemFiles(files: TlsFiles): experimental.CertificateProvider {
  let contents = readPemFiles(files);
  const caListeners = new Set<CaListener>();
  const identityListeners = new Set<IdentityListener>();
  let timer: NodeJS.Timeout | undefined;

  function tellCa(listener: CaListener): void {
    const { ca } = contents;
    listener(ca === undefined ? null : { caCertificate: ca });
  }
  function tellIdentity(listener: IdentityListener): void {
    const { cert, key } = contents;
    listener(
      cert === undefined || key === undefined ? null : { certificate: cert, privateKey: key },
    );
  }

  function refresh(): void {
    const before = contents;
    try {
      contents = readPemFiles(files, before);
    } catch {
      return; // in the middle of a change: the next look decides
    }
    if (contents === before) return;
    identityListeners.forEach(tellIdentity);
    caListeners.forEach(tellCa);
  }
  function watch(): void {
    const isWatched = caListeners.size + identityListeners.size > 0;
    if (isWatched) timer ??= setInterval(refresh, files.refreshMs ?? defaultRefreshMs).unref();
    else {
      clearInterval(timer);
      timer = undefined;
    }
  }

  return {
    addCaCertificateListener(listener) {
      caListeners.add(listener);
      watch();
      process.nextTick(tellCa, listener); // it is not ready to listen before
    },
    removeCaCertificateListener(listener) {
      caListeners.delete(listener);
      watch();
    },
    addIdentityCertificateListener(listener) {
      identityListeners.add(listener);
      watch();
      process.nextTick(tellIdentity, listener);
    },
    removeIdentityCertificateListener(listener) {
      identityListeners.delete(listener);
      watch();
    },
  };
}
