import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { AdaedlError, invalidField } from "@adaedl/core";

/** Signs what is written to Redis, and refuses what was not signed. */
export interface Seal {
  /** @param place the channel or queue: what was signed for one is refused at any other */
  seal(place: string, text: string): string;
  /** @returns the text; undefined where its signature is none of this place and secret */
  open(place: string, sealed: string): string | undefined;
}

/** HMAC-SHA256 in base64url. */
const macLength = 43;
const minSecretLength = 32;
const maxSecrets = 4;

/**
 * @param secrets the first one signs, all are valid, so that a secret can be replaced while processes
 *   run; without any, everything is valid
 */
export function createSeal(secrets: readonly string[]): Seal {
  const [own] = secrets;
  if (own === undefined) return { seal: (_, text) => text, open: (_, text) => text };
  return {
    seal: (place, text) => macOf(own, place, text) + text,
    open(place, sealed) {
      const mac = Buffer.from(sealed.slice(0, macLength));
      const text = sealed.slice(macLength);
      const isMac = (expected: Buffer) =>
        mac.length === expected.length && timingSafeEqual(mac, expected);
      const isSigned = secrets.some((secret) => isMac(Buffer.from(macOf(secret, place, text))));
      return isSigned ? text : undefined;
    },
  };
}

/**
 * Reads the secrets of a file, one a line; none without a file.
 * @throws AdaedlError `invalid_argument` naming the file; no secret is in it
 */
export function readSecrets(file: string | undefined): readonly string[] {
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const why = `redisSecretFile ${file} cannot be read: ${(cause as NodeJS.ErrnoException).code}`;
    throw new AdaedlError("invalid_argument", why, { field: "redisSecretFile", value: file });
  }
  const secrets = text.split("\n").flatMap((line) => line.trim() || []);
  if (secrets.length === 0 || secrets.length > maxSecrets)
    throw invalidField("redisSecretFile", file, `must hold 1 to ${maxSecrets} lines`);
  if (secrets.some(({ length }) => length < minSecretLength))
    throw invalidField(
      "redisSecretFile",
      file,
      `must hold secrets of at least ${minSecretLength} characters`,
    );
  return secrets;
}

function macOf(secret: string, place: string, text: string): string {
  return createHmac("sha256", secret).update(`${place}\n${text}`).digest("base64url");
}
