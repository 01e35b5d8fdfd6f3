import { expect, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";

test("full worker leaves waiting", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w", { numPlaces: 2 });
  const ingress = await meeting.openIngress("i", { maxWaiting: 20 });
  for (let i = 0; i< 6; i++) { const two = ingress.open("a-"+i);
  two.then(console.log, (e) => console.log("two", e.code, e.message)); }
  await new Promise((r) => setTimeout(r, 500));
  console.log(ingress.queue.numWaiting, worker.diary);
});
test("abort at once", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w", { numPlaces: 1 });
  const ingress = await meeting.openIngress("i", { maxWaiting: 2 });
  await ingress.open("a-1");
  await new Promise((r) => setTimeout(r, 500));
  const redis = meeting.connect();
  console.log(await redis.keys(`*${meeting.namespace}*`));
  for (let i = 0; i < 5; i++) {
    const c = new AbortController();
    const p = ingress.open(`a-${i + 2}`, c.signal);
    if (i > 0) await new Promise((r) => setTimeout(r, i-1));
    c.abort();
    await p.catch((e) => console.log(e.code));
    ingress.queue.release(`a-${i + 2}`);
  }
  await new Promise((r) => setTimeout(r, 300));
  console.log(await redis.keys(`*${meeting.namespace}*`));
  console.log(worker.diary);
});
