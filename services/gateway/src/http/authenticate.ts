import { AdaedlError } from "@adaedl/core";
import type { FastifyRequest } from "fastify";
import type { ApiKeys, Caller } from "../callers/api-keys.ts";

/** @throws AdaedlError `unauthenticated`, never with the key in it */
export function authenticate(request: FastifyRequest, keys: ApiKeys): Caller {
  const { authorization = "" } = request.headers;
  const [, key] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const caller = keys.callerOf(key);
  if (caller !== undefined) return caller;
  const rule = key === undefined ? "the request must carry" : "this is not";
  throw new AdaedlError(
    "unauthenticated",
    `${rule} a valid API key: send "Authorization: Bearer KEY"`,
  );
}
