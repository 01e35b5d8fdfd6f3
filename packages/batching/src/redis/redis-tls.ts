import { readFileSync } from "node:fs";
import { AdaedlError } from "@adaedl/core";

/** PEM files for a Redis that speaks TLS; read once, when it is connected to. */
export interface RedisTlsFiles {
  /** Whom to trust, when not the usual authorities. */
  readonly caFile?: string | undefined;
  /** Own certificate and key, where Redis asks for one. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** What the files hold, as `tls.connect` takes it. */
export interface RedisTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** @throws AdaedlError `invalid_argument` naming the file that cannot be read */
export function readRedisTls({ caFile, certFile, keyFile }: RedisTlsFiles): RedisTls {
  return {
    ...(caFile === undefined ? {} : { ca: readPem("redisTlsCa", caFile) }),
    ...(certFile === undefined ? {} : { cert: readPem("redisTlsCert", certFile) }),
    ...(keyFile === undefined ? {} : { key: readPem("redisTlsKey", keyFile) }),
  };
}

function readPem(field: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const details = { field, value: file, cause };
    throw new AdaedlError("invalid_argument", `${field} ${file} cannot be read: ${code}`, details);
  }
}
