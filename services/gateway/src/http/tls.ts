import type { Server } from "node:https";
import { type PemContents, readServerPem, type TlsFiles } from "@adaedl/protocol";

const defaultRefreshMs = 5_000;

/** What node:https wants; null is plain text. With a CA, clients have to show a certificate. */
export function httpsOptions(pem: PemContents | undefined) {
  if (pem === undefined) return null;
  const { cert, key, ca } = pem;
  return { ...secureContext(pem), requestCert: ca !== undefined, cert, key };
}

/**
 * Has a server use the files as they are now, whenever they change and all of them are good.
 * @returns ends it
 */
export function rotateCertificates(
  server: Pick<Server, "setSecureContext">,
  files: TlsFiles | undefined,
  pem: PemContents,
): () => void {
  let known = pem;
  const timer = setInterval(() => {
    try {
      const now = readServerPem(files, known);
      if (now === undefined || now === known) return;
      known = now;
      server.setSecureContext(secureContext(known));
    } catch {
      // In the middle of a change: the next look decides.
    }
  }, files?.refreshMs ?? defaultRefreshMs);
  timer.unref();
  return () => clearInterval(timer);
}

function secureContext({ cert, key, ca }: PemContents) {
  return { cert, key, ...(ca === undefined ? {} : { ca }) };
}
