import { readFileSync } from "node:fs";
import {
  type RedisServerTls,
  startRedisCluster,
  startRedisSentinel,
  startRedisServer,
} from "@adaedl/testing";
import { expect, test } from "vitest";
import {
  createAuthority,
  createPemFolder,
} from "../../packages/protocol/src/security/certificates.cases.ts";
import { requestNumber, undisturbedTexts } from "../faults/disturbed.ts";
import { generateAt, startTestDraftService, startTestReplicas } from "../network/start-services.ts";

interface Kind {
  readonly url: string;
  readonly namespace?: string;
  readonly tls?: { readonly caFile: string };
  close(): Promise<void>;
}

/** The rights of a Redis user as they are documented, for the namespace "verifier". */
function documentedRights(): string[] {
  const page = readFileSync(new URL("../../docs/services.md", import.meta.url), "utf8");
  const [, rights] = /^ACL SETUSER adaedl on >PASSWORD (.+)$/m.exec(page) ?? [];
  if (rights === undefined) throw new Error("docs/services.md has no ACL SETUSER line");
  return rights.split(" ");
}

/** Encrypted, under an authority that nobody else knows, and for a user with no more rights than it takes. */
async function startSecured(): Promise<Kind> {
  const [name, password] = ["adaedl", "open:sesame@42"];
  const authority = createAuthority("Redis's authority");
  const folder = createPemFolder();
  const identity = authority.issue({ commonName: "redis", usage: "server" });
  const tls = folder.write({ ...identity, ca: authority.cert }) as RedisServerTls;
  const redis = await startRedisServer({
    password: "another one's",
    tls,
    args: ["--user", name, "on", `>${password}`, ...documentedRights()],
  });
  return {
    url: redis.url.replace(/:[^:/]*@/, `${name}:${encodeURIComponent(password)}@`),
    namespace: "verifier",
    tls: { caFile: tls.caFile },
    async close() {
      await redis.close();
      folder[Symbol.dispose]();
    },
  };
}

// Side by side: most of each is waiting for messages.
test.concurrent.each<[string, () => Promise<Kind>]>([
  ["with TLS and a user of few rights", startSecured],
  ["Cluster", () => startRedisCluster()],
  ["behind Sentinel", () => startRedisSentinel()],
])("Redis %s: the text is the same", { timeout: 300_000 }, async (_, start) => {
  const undisturbed = await undisturbedTexts();
  const redis = await start();
  try {
    await using verifier = await startTestReplicas(redis);
    await using draft = await startTestDraftService([verifier.address]);
    const texts = await Promise.all(
      [0, 1, 2, 3].map((index) => generateAt(draft.address, requestNumber(index))),
    );
    for (const [index, { tokenIds }] of texts.entries())
      expect(tokenIds).toEqual(undisturbed[index]?.tokenIds);
    expect(verifier.status()).toMatchObject({ numWorkers: 3 });
  } finally {
    await redis.close();
  }
});
