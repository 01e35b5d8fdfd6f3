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

/** A token's owner, and what else its line says. */
export interface TokenOwner<Extra> {
  readonly name: string;
  readonly extra: Extra;
}

/** A file of tokens in which every line may say more. */
export interface TokenFile<Extra> {
  /** The token's owner, the same object until the file changes; undefined for an unknown token. */
  find(token: string): TokenOwner<Extra> | undefined;
}

/**
 * Tokens from a file with a line `NAME TOKEN` for each client; empty lines and lines that begin with
 * # count for nothing. A changed file counts within a second; one that has become unreadable leaves
 * the tokens as they were.
 * @throws AdaedlError `invalid_argument` when the file cannot be read, or a line is malformed
 */
export function openBearerTokens(file: string): BearerTokens {
  const tokens = openTokenFile(file, "tokensFile", (words) => {
    if (words.length > 0) throw new Error("must be a name and a token");
  });
  return { ownerOf: (token) => tokens.find(token)?.name };
}

/**
 * The same, with more words on a line.
 * @param field what an error calls the file
 * @param parseExtra makes something of the words behind the token; throws an Error whose message is
 *   the rule they break, without the words themselves where they may be secret
 */
export function openTokenFile<Extra>(
  file: string,
  field: string,
  parseExtra: (words: readonly string[]) => Extra,
): TokenFile<Extra> {
  let modifiedAt = modificationTime(file);
  let tokens = parseTokens(file, field, parseExtra);
  let checkedAt = performance.now();

  function refresh(): void {
    if (performance.now() - checkedAt < refreshMs) return;
    checkedAt = performance.now();
    try {
      const now = modificationTime(file);
      if (now === modifiedAt) return;
      tokens = parseTokens(file, field, parseExtra);
      modifiedAt = now;
    } catch {
      // Half-written or gone for the moment: the next look decides.
    }
  }

  return {
    find(token) {
      refresh();
      const digest = tokenDigest(token);
      // Every token is compared, and by digest, so that the time tells nothing.
      let owner: TokenOwner<Extra> | undefined;
      for (const known of tokens) if (timingSafeEqual(known.digest, digest)) owner = known.owner;
      return owner;
    },
  };
}

function parseTokens<Extra>(
  file: string,
  field: string,
  parseExtra: (words: readonly string[]) => Extra,
): { owner: TokenOwner<Extra>; digest: Buffer }[] {
  const tokens = [];
  for (const [index, line] of readText(file, field).split("\n").entries()) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    // Never the line itself: it may be a secret.
    const malformed = (rule: string) =>
      new AdaedlError("invalid_argument", `${file} line ${index + 1} ${rule}`, { field });
    const [name, token, ...words] = text.split(/\s+/);
    if (name === undefined || token === undefined) throw malformed("must be a name and a token");
    try {
      tokens.push({ owner: { name, extra: parseExtra(words) }, digest: tokenDigest(token) });
    } catch (error) {
      throw malformed((error as Error).message);
    }
  }
  if (tokens.length === 0)
    throw new AdaedlError("invalid_argument", `${file} must hold at least one token`, { field });
  return tokens;
}

/** A secret that is the whole content of a file, without the line break at its end. */
export function readSecret(file: string, field: string): string {
  const secret = readText(file, field).trim();
  if (secret === "") throw new AdaedlError("invalid_argument", `${file} is empty`, { field });
  return secret;
}

function readText(file: string, field: string): string {
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

/** Two tokens are compared by it: it says nothing of how alike they are. */
export function tokenDigest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
