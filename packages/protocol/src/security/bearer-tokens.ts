import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { AdaedlError } from "@adaedl/core";

/** Knows which bearer tokens are good, and whose they are. */
export interface BearerTokens {
  /** The name of the token's owner; undefined for a token that is not known. */
  ownerOf(token: string): string | undefined;
}

/** How often the file is looked at. */
const refreshMs = 1_000;

/**
 * Tokens from a file with a line `NAME TOKEN` for each client; empty lines and lines that begin with
 * # count for nothing. A changed file counts within a second; one that has become unreadable leaves
 * the tokens as they were.
 * @throws AdaedlError `invalid_argument` when the file cannot be read, or a line is malformed
 */
export function openBearerTokens(file: string): BearerTokens {
  let modifiedAt = modificationTime(file);
  let tokens = parseTokens(file);
  let checkedAt = performance.now();

  function refresh(): void {
    if (performance.now() - checkedAt < refreshMs) return;
    checkedAt = performance.now();
    try {
      const now = modificationTime(file);
      if (now === modifiedAt) return;
      tokens = parseTokens(file);
      modifiedAt = now;
    } catch {
      // Half-written or gone for the moment: the next look decides.
    }
  }

  return {
    ownerOf(token) {
      refresh();
      const digest = digestOf(token);
      // Every token is compared, and by digest, so that the time tells nothing.
      let owner: string | undefined;
      for (const known of tokens) if (timingSafeEqual(known.digest, digest)) owner = known.name;
      return owner;
    },
  };
}

function parseTokens(file: string): { name: string; digest: Buffer }[] {
  const tokens = [];
  for (const [index, line] of readText(file).split("\n").entries()) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const [name, token, ...rest] = text.split(/\s+/);
    if (name === undefined || token === undefined || rest.length > 0)
      throw new AdaedlError(
        "invalid_argument",
        `${file} line ${index + 1} must be a name and a token`, // never the line itself
        { field: "tokensFile" },
      );
    tokens.push({ name, digest: digestOf(token) });
  }
  if (tokens.length === 0)
    throw new AdaedlError("invalid_argument", `${file} must hold at least one token`, {
      field: "tokensFile",
    });
  return tokens;
}

/** A secret that is the whole content of a file, without the line break at its end. */
export function readSecret(file: string, field: string): string {
  const secret = readText(file, field).trim();
  if (secret === "") throw new AdaedlError("invalid_argument", `${file} is empty`, { field });
  return secret;
}

function readText(file: string, field = "tokensFile"): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new AdaedlError("invalid_argument", `${file} cannot be read: ${reason}`, {
      field,
      cause,
    });
  }
}

function modificationTime(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
