import { redisCli, startRedisServer } from "@adaedl/testing";
import { expect, onTestFinished, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";

const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));

async function killAll(port: number, ids: string[]) {
  for (const id of ids) await redisCli(port, "client", "kill", "id", id);
}
async function clientIds(port: number) {
  return (await redisCli(port, "client", "list")).map((l) => /^id=(\d+)/.exec(l)?.[1] ?? "");
}

test.each([
  [1, "both"],
  [20, "both"],
  [20, "sub"],
  [100, "sub"],
])("%d answers, %s lost", async (n, which) => {
  const server = await startRedisServer();
  onTestFinished(() => server.close());
  const meeting = createMeeting(server.url);
  const before = await clientIds(server.port);
  const worker = await meeting.openWorker("w");
  const ids = (await clientIds(server.port)).filter((id) => !before.includes(id));
  const subs = (await redisCli(server.port, "client", "list", "type", "pubsub")).map(
    (l) => /^id=(\d+)/.exec(l)?.[1] ?? "",
  );
  const ingress = await meeting.openIngress("i");
  await ingress.open("a-1");
  worker.hold();
  const p = ingress.ask("a-1", "x", n);
  await expect.poll(worker.begun).toContain("x");
  await killAll(server.port, which === "sub" ? subs : ids);
  if (which === "both") await expect.poll(() => worker.hub.isUp, { interval: 1 }).toBe(false);
  worker.release();
  const r = await Promise.race([
    p.catch((e) => `${e.code} ${e.message}`),
    sleep(5000).then(() => "TIMEOUT"),
  ]);
  console.log(n, which, r, worker.diary, worker.running.numQueued, worker.hub.numLosses);
});
test("ingress vanishes in the middle", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w");
  const ingress = await meeting.openIngress("i");
  await ingress.open("a-1");
  const it = ingress.queue.submit({ name: "x", numAnswers: 100, sessionId: "a-1", opens: false });
  await it.next();
  await ingress.hub.close();
  const r = await expect.poll(() => [...worker.sessions], { timeout: 8000 }).toEqual([]);
  await sleep(500);
  console.log(worker.running.numQueued, worker.diary.at(-1));
});
