import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import forge from "node-forge";
import type { TlsFiles } from "./tls-files.ts";

const { pki, md } = forge;
const dayMs = 24 * 60 * 60 * 1000;

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

interface CertificateOptions {
  readonly commonName: string;
  readonly usage: "server" | "client";
  /** Days from now; default from yesterday to tomorrow. */
  readonly validDays?: readonly [from: number, to: number];
  /** Whom it may speak for; default 127.0.0.1 and localhost. */
  readonly hosts?: readonly string[];
}

/** Signs certificates, and is trusted where its own certificate is. */
export interface Authority {
  readonly cert: string;
  issue(options: CertificateOptions): Identity;
}

export function createAuthority(commonName: string): Authority {
  const keys = createKeys();
  const subject = [{ name: "commonName", value: commonName }];
  const certificate = createCertificate(keys, subject, subject, [-1, 1]);
  certificate.setExtensions([
    { name: "basicConstraints", cA: true, critical: true },
    { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
  ]);
  certificate.sign(keys.privateKey, md.sha256.create());
  return {
    cert: pki.certificateToPem(certificate),
    issue({ commonName, usage, validDays = [-1, 1], hosts = ["127.0.0.1", "localhost"] }) {
      const own = createKeys();
      const name = [{ name: "commonName", value: commonName }];
      const issued = createCertificate(own, name, subject, validDays);
      const altNames = hosts.map((host) =>
        /^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host },
      );
      issued.setExtensions([
        { name: "basicConstraints", cA: false },
        { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
        { name: "extKeyUsage", serverAuth: usage === "server", clientAuth: usage === "client" },
        ...(usage === "server" ? [{ name: "subjectAltName", altNames }] : []),
      ]);
      issued.sign(keys.privateKey, md.sha256.create());
      return { cert: pki.certificateToPem(issued), key: pki.privateKeyToPem(own.privateKey) };
    },
  };
}

function createKeys() {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const key = pki.privateKeyFromPem(privateKey);
  return { privateKey: key, publicKey: pki.setRsaPublicKey(key.n, key.e) };
}

let numIssued = 0;

function createCertificate(
  { publicKey }: ReturnType<typeof createKeys>,
  subject: forge.pki.CertificateField[],
  issuer: forge.pki.CertificateField[],
  [from, to]: readonly [number, number],
) {
  const certificate = pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = (++numIssued).toString(16).padStart(4, "0");
  certificate.validity.notBefore = new Date(Date.now() + from * dayMs);
  certificate.validity.notAfter = new Date(Date.now() + to * dayMs);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer);
  return certificate;
}

interface Contents extends Partial<Identity> {
  readonly ca?: string;
}

/** A folder of PEM files; each `write` puts other content under the same names. */
export function createPemFolder() {
  const directory = mkdtempSync(join(tmpdir(), "adaedl-tls-"));
  const replace = (name: string, text: string) => {
    writeFileSync(join(directory, `${name}.new`), text);
    renameSync(join(directory, `${name}.new`), join(directory, name));
    return join(directory, name);
  };
  return {
    directory,
    write({ cert, key, ca }: Contents, refreshMs = 100): TlsFiles {
      return {
        ...(cert === undefined ? {} : { certFile: replace("cert.pem", cert) }),
        ...(key === undefined ? {} : { keyFile: replace("key.pem", key) }),
        ...(ca === undefined ? {} : { caFile: replace("ca.pem", ca) }),
        refreshMs,
      };
    },
    [Symbol.dispose]() {
      rmSync(directory, { recursive: true });
    },
  };
}
