import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { hasDockerImages } from "@adaedl/testing";
import type { StartedTestContainer } from "testcontainers";
import { expect, test } from "vitest";
import { undisturbedTexts } from "../faults/disturbed.ts";
import { type Load, startLoad } from "../replicas/load.ts";
import { openPrivateNetwork } from "./private-network.ts";
import { buildImages } from "./service-images.ts";

const hasDocker = await hasDockerImages("redis:7-bookworm", "node:20-bookworm-slim");
if (!hasDocker)
  console.warn("SKIPPED: no Docker engine with redis:7-bookworm and node:20-bookworm-slim here");

const docker = (...args: string[]) => execFileSync("docker", args, { stdio: "ignore" });
const redisUrl = ["--redis-url", "redis://redis:6379", "--threads", "1"];

test.skipIf(!hasDocker)(
  "Redis, 2 ingresses, 3 workers and 2 draft services as containers, some of which are killed",
  { timeout: 900_000 },
  async () => {
    await buildImages("draft", "verifier");
    const undisturbed = await undisturbedTexts();

    await using network = await openPrivateNetwork();
    const redis = await network.redis("redis");
    const serveVerifier = (role: string, index: number) =>
      network.serve(`${role}-${index}`, "verifier", 50_051, ["--role", role, ...redisUrl]);
    const workers = await Promise.all([1, 2, 3].map((index) => serveVerifier("worker", index)));
    await Promise.all([1, 2].map((index) => serveVerifier("ingress", index)));
    const drafts = await Promise.all(
      [1, 2].map((index) =>
        network.serve(`draft-${index}`, "draft", 50_052, [
          ...["--verifier", "ingress-1:50051,ingress-2:50051", "--threads", "1"],
        ]),
      ),
    );
    const addresses = drafts.map((draft) => addressOf(draft, 50_052));

    const load = startLoad(addresses, undisturbed, 6);
    await load.begun;
    docker("kill", workers[0]?.getId() ?? "");
    await moreTexts(load);
    docker("kill", redis.getId()); // it comes back empty
    await sleep(2_000);
    docker("start", redis.getId());
    await moreTexts(load);
    const { numTexts, numReopened } = await load.stop();
    console.info(`${numTexts} texts from containers, ${numReopened} sessions moved`);
    expect(numReopened).toBeGreaterThan(0);

    const [draft] = drafts;
    if (draft === undefined) throw new Error("there is no draft service");
    docker("stop", "--time", "60", draft.getId()); // SIGTERM, and time to drain
    const ended = execFileSync(
      "docker",
      ["inspect", "--format", "{{json .State}}", draft.getId()],
      {
        encoding: "utf8",
      },
    );
    const logs = execFileSync("docker", ["logs", "--timestamps", "--tail", "20", draft.getId()], {
      encoding: "utf8",
    });
    console.info(ended + logs);
    expect(JSON.parse(ended).ExitCode, ended + logs).toBe(0);
  },
);

/** Two texts of each session: they have gone on. */
async function moreTexts(load: Load): Promise<void> {
  const enough = load.numFinished + 12;
  await expect
    .poll(() => load.numFinished, { timeout: 120_000, interval: 100 })
    .toBeGreaterThanOrEqual(enough);
}

function addressOf(container: StartedTestContainer, port: number): string {
  return `${container.getHost()}:${container.getMappedPort(port)}`;
}
