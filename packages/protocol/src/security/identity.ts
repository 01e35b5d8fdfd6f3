import { AdaedlError } from "@adaedl/core";
import type { Metadata, ServerDuplexStream } from "@grpc/grpc-js";
import type { BearerTokens } from "./bearer-tokens.ts";
import { networkOf } from "./network-of.ts";

/** What of a call tells who made it. */
export type Caller = Pick<
  ServerDuplexStream<unknown, unknown>,
  "metadata" | "getPeer" | "getAuthContext"
>;

/**
 * Who makes a call: the owner of its bearer token, else the name in its certificate, else where it
 * comes from. Quotas are counted per identity.
 * @throws AdaedlError `unauthenticated` when tokens are asked for and there is no good one
 */
export function identityOf(call: Caller, tokens: BearerTokens | undefined): string {
  if (tokens !== undefined) {
    const owner = tokens.ownerOf(bearerToken(call.metadata));
    if (owner === undefined)
      throw new AdaedlError("unauthenticated", "the bearer token is not known here", {
        field: "authorization",
      });
    return owner;
  }
  const subject = call.getAuthContext().sslPeerCertificate?.subject?.CN;
  if (subject !== undefined) return String(subject);
  return networkOf(call.getPeer().replace(/:\d+$/, ""));
}

function bearerToken(metadata: Metadata): string {
  const [header] = metadata.get("authorization");
  const token = /^Bearer +(\S+)$/i.exec(String(header ?? ""))?.[1];
  if (token === undefined)
    throw new AdaedlError("unauthenticated", "authorization must be a bearer token", {
      field: "authorization",
    });
  return token;
}
