import { expect, test } from "vitest";
import { type Evidence, nextLiveness, unknown } from "./liveness.ts";

function isServingAfter(...evidence: readonly Evidence[]): boolean {
  return evidence.reduce(nextLiveness, unknown).isServing;
}

test.each<[string, boolean, readonly Evidence[]]>([
  ["is not asked before it has answered a probe", false, []],
  ["is not asked when its first probe is missed", false, ["missed"]],
  ["serves once it has answered", true, ["served"]],
  ["serves on when requests fail", true, ["served", ...Array<Evidence>(9).fill("request_failed")]],
  ["serves on after two missed probes", true, ["served", "missed", "missed"]],
  ["is gone after three", false, ["served", "missed", "missed", "missed"]],
  ["has three again once it answers", true, ["served", "missed", "missed", "served", "missed"]],
  ["is gone with its connection", false, ["served", "disconnected"]],
  ["is gone when its health is another", false, ["served", "refused"]],
  ["stays gone while probes are missed", false, ["served", "disconnected", "missed"]],
  ["is back with its next answer", true, ["served", "disconnected", "missed", "served"]],
  ["that is gone is not brought back by a request", false, ["disconnected", "request_failed"]],
])("a draft service %s", (_, isServing, evidence) => {
  expect(isServingAfter(...evidence)).toBe(isServing);
});
