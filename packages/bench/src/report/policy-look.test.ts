import { expect, it } from "vitest";
import { policies } from "./comparison.cases.ts";
import { looksOf } from "./policy-look.ts";

it("tells policies apart by more than colour, and shows ours in colour only", () => {
  const many = ["eps=0.1", "eps=0.2", "eps=0.3"].map((params) => `adaedl:${params}`);
  const looks = [...looksOf([...policies, ...many].map((policy) => ({ policy }))).values()];
  const signs = looks.map(({ symbol, dash, isOurs }) => `${symbol} ${dash} ${isOurs}`);
  expect(new Set(signs).size).toBe(looks.length);
  for (const { color, isOurs } of looks) expect(color.startsWith("var(--ours")).toBe(isOurs);
});
