import { Queue } from "bullmq";
import { onTestFinished } from "vitest";
import { kind, type Meeting } from "./meeting.cases.ts";

/** The sessions that wait, as BullMQ sees them. */
export function queueOf({ namespace, connect }: Meeting): Queue {
  const options = { prefix: `{adaedl-${namespace}}`, skipMetasUpdate: true };
  const queue = new Queue(`sessions-${kind}`, { connection: connect(), ...options });
  onTestFinished(() => queue.close());
  return queue;
}

/** What is constant: the queue's description, its counters and its last events. */
const constantKeys = ["events", "id", "marker", "meta", "pc", "stalled-check"];
/** Keys of a meeting, without those. */
export async function keysOf(meeting: Meeting): Promise<(string | undefined)[]> {
  const keys = await meeting.connect().keys(`*${meeting.namespace}*`);
  return keys
    .map((key) => key.split(":").at(-1))
    .filter((key) => !constantKeys.includes(key ?? ""));
}
