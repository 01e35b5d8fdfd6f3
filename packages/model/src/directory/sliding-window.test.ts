import { describe, expect, test } from "vitest";
import { failureOf } from "../temporary-directory.cases.ts";
import type { WindowRule } from "./architectures.ts";
import { resolveSlidingWindow, type WindowFields } from "./sliding-window.ts";

const file = "config.json";
const resolve = (rule: WindowRule, fields: Partial<WindowFields>) =>
  resolveSlidingWindow(
    { num_hidden_layers: 2, max_position_embeddings: 64, ...fields },
    rule,
    file,
  );
const [full, sliding] = ["full_attention", "sliding_attention"];

describe("the window", () => {
  test.each<[WindowRule, Partial<WindowFields>, number | undefined]>([
    ["none", {}, undefined],
    ["none", { sliding_window: null }, undefined],
    ["none", { sliding_window: 16, use_sliding_window: false }, undefined],
    ["none", { sliding_window: 64, max_window_layers: 1 }, undefined],
    ["none", { layer_types: [full, full] }, undefined],
    ["always", { sliding_window: 16 }, 16],
    ["always", { sliding_window: 64 }, undefined],
    ["always", { sliding_window: null, layer_types: [full, full] }, undefined],
    ["always", { sliding_window: 16, layer_types: [sliding, sliding] }, 16],
    // What transformers assumes where a field is absent.
    ["always", { max_position_embeddings: 8192 }, 4096],
    ["switched", { sliding_window: 16 }, undefined],
    [
      "switched",
      { sliding_window: 16, use_sliding_window: false, max_window_layers: 0 },
      undefined,
    ],
    ["switched", { sliding_window: 16, use_sliding_window: true }, undefined],
    ["switched", { sliding_window: 16, use_sliding_window: true, max_window_layers: 2 }, undefined],
    ["switched", { sliding_window: 16, use_sliding_window: true, max_window_layers: 0 }, 16],
    [
      "switched",
      { sliding_window: null, use_sliding_window: true, max_window_layers: 0 },
      undefined,
    ],
    ["switched", { sliding_window: 64, use_sliding_window: true, max_window_layers: 1 }, undefined],
    ["switched", { layer_types: [full, full], use_sliding_window: false }, undefined],
    [
      "switched",
      { layer_types: [sliding, sliding], use_sliding_window: true, sliding_window: 16 },
      16,
    ],
  ])("%s %j is %j", (rule, fields, window) => {
    expect(resolve(rule, fields)).toBe(window);
  });
});

describe("refused", () => {
  test.each<[WindowRule, Partial<WindowFields>, problem: string]>([
    [
      "none",
      { sliding_window: 16 },
      "sliding_window 16 is not supported (supported: null, or use_sliding_window false)",
    ],
    [
      "always",
      { sliding_window: 16, use_sliding_window: false },
      "use_sliding_window contradicts sliding_window 16, got false",
    ],
    [
      "always",
      { sliding_window: 16, layer_types: [full, sliding] },
      'layer_types contradicts sliding_window 16, got "full_attention"',
    ],
    [
      "switched",
      { sliding_window: 16, use_sliding_window: true, max_window_layers: 1 },
      "sliding_window 16 is not supported (supported: a window of all layers or none, not of 1 of 2)",
    ],
    [
      "switched",
      { sliding_window: 16, layer_types: [sliding, sliding] },
      'layer_types needs a sliding_window that is on, got "sliding_attention"',
    ],
    [
      "switched",
      { layer_types: [full, "linear_attention"] },
      'layer_types "linear_attention" is not supported (supported: full_attention, sliding_attention)',
    ],
    [
      "switched",
      { layer_types: [full] },
      "layer_types must have num_hidden_layers (2) entries, got 1",
    ],
  ])("%s %j", async (rule, fields, problem) => {
    expect((await failureOf((async () => resolve(rule, fields))())).message).toBe(
      `config.json: ${problem}`,
    );
  });
});
