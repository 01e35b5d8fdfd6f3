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
import { requestNumber } from "../faults/disturbed.ts";
import {
  generateAt,
  startTestDraftService,
  startTestReplicas,
  startTestVerifier,
} from "../network/start-services.ts";

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

test.each<[string, () => Promise<Kind>]>([
  ["with TLS and a user of few rights", startSecured],
  ["Cluster", () => startRedisCluster()],
  ["behind Sentinel", () => startRedisSentinel()],
])("Redis %s: the text is the same", { timeout: 90_000 }, async (_, start) => {
  await using alone = await startTestVerifier();
  await using draftAlone = await startTestDraftService([alone.address]);
  const redis = await start();
  try {
    await using verifier = await startTestReplicas(redis);
    await using draft = await startTestDraftService([verifier.address]);
    const all = await Promise.all(
      [0, 1, 2, 3].map(async (index) => [
        (await generateAt(draftAlone.address, requestNumber(index))).tokenIds,
        (await generateAt(draft.address, requestNumber(index))).tokenIds,
      ]),
    );
    for (const [expected, tokenIds] of all) expect(tokenIds).toEqual(expected);
    expect(verifier.status()).toMatchObject({ numWorkers: 3 });
  } finally {
    await redis.close();
  }
});
