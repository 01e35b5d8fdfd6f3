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
  readonly tls?: { readonly caFile: string };
  close(): Promise<void>;
}

/** Encrypted, under an authority that nobody else knows, and with a password. */
async function startSecured(): Promise<Kind> {
  const authority = createAuthority("Redis's authority");
  const folder = createPemFolder();
  const identity = authority.issue({ commonName: "redis", usage: "server" });
  const tls = folder.write({ ...identity, ca: authority.cert }) as RedisServerTls;
  const redis = await startRedisServer({ password: "open:sesame@42", tls });
  return {
    url: redis.url,
    tls: { caFile: tls.caFile },
    async close() {
      await redis.close();
      folder[Symbol.dispose]();
    },
  };
}

test.each<[string, () => Promise<Kind>]>([
  ["with TLS and a password", startSecured],
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
