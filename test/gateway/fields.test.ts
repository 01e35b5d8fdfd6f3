import { readFileSync } from "node:fs";
import { conformanceTable, type Endpoint, endpoints, startGateway } from "@adaedl/gateway";
import { createLogger } from "@adaedl/telemetry";
import type { ChatCompletionCreateParamsBase } from "openai/resources/chat/completions";
import type { CompletionCreateParamsBase } from "openai/resources/completions";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import type { ChatRequest } from "../../services/gateway/src/openai/chat-request.ts";
import type { CompletionsRequest } from "../../services/gateway/src/openai/completions-request.ts";

/** Requests are checked before a draft service is looked for: what is right is answered with 503 here. */
const right = 503;
let gateway: Awaited<ReturnType<typeof startGateway>>;
beforeAll(async () => {
  gateway = await startGateway(
    {
      listen: "127.0.0.1:0",
      draftServices: ["127.0.0.1:1"],
      maxRequests: 1,
      maxBodyBytes: 1 << 20,
      requestTimeoutMs: 1_000,
      writeTimeoutMs: 1_000,
      playground: false,
    },
    createLogger("test", "silent"),
  );
});
afterAll(() => gateway.close());

test("every field that the official client can send is known, by the client's own types", () => {
  expectTypeOf<Exclude<keyof CompletionCreateParamsBase, keyof CompletionsRequest>>().toBeNever();
  expectTypeOf<Exclude<keyof ChatCompletionCreateParamsBase, keyof ChatRequest>>().toBeNever();
  // The types are really looked at.
  expectTypeOf<Exclude<"foo" | "echo", keyof CompletionsRequest>>().toEqualTypeOf<"foo">();
});

/** A value that is right for each supported field. */
const samples: Readonly<Record<string, unknown>> = {
  model: "storyteller-target",
  prompt: "Once",
  messages: [{ role: "developer", content: [{ type: "text", text: "Be brief" }] }],
  max_tokens: 5,
  max_completion_tokens: 5,
  temperature: 0.5,
  top_p: 0.9,
  top_k: 40,
  min_p: 0.1,
  repetition_penalty: 1.1,
  presence_penalty: -2,
  frequency_penalty: 2,
  logit_bias: { "7": -100 },
  seed: 2 ** 53 - 1,
  stop: ["\n", "."],
  n: 2,
  stream: true,
  "messages[].role": "assistant",
  "messages[].content": [{ type: "text", text: "Once" }],
  stream_options: { include_usage: true, include_obfuscation: false },
  "stream_options.include_usage": true,
  user: "somebody",
  ignore_eos: true,
  logprobs: true,
  top_logprobs: 20,
  adaedl: { policy: "static:4" },
  "adaedl.policy": "adaedl:lambda=0.5",
  "adaedl.max_draft": 64,
  "adaedl.verification": "rejection",
  "adaedl.draft": false,
  "adaedl.details": true,
};

/** Fields that have to be there for another to be right. */
const companions: Readonly<Record<string, object>> = {
  stream_options: { stream: true },
  top_logprobs: { logprobs: true },
};

describe.each(endpoints.map((endpoint) => [endpoint.path, endpoint] as const))(
  "%s",
  (path, endpoint) => {
    const ask = async (body: object) => {
      const response = await fetch(`http://${gateway.address}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const { error } = (await response.json()) as { error: { param: string | null } };
      return { status: response.status, param: error.param };
    };
    const least = path.includes("chat") ? { messages: samples.messages } : { prompt: "Once" };
    const withField = (name: string, value: unknown) => {
      const [outer = "", inner] = name.split(".");
      if (outer === "messages[]" && inner !== undefined)
        return { messages: [{ role: "assistant", content: "Once", [inner]: value }] };
      const given = inner === undefined ? value : { [inner]: value };
      return { ...least, ...companions[outer], [outer]: given };
    };
    const sampleOf = (name: string) =>
      name === "logprobs" && !path.includes("chat") ? 20 : samples[name];
    const rows = rowsOf(endpoint);

    test("its table in docs/openai.md is the schema's", () => {
      const docs = readFileSync(new URL("../../docs/openai.md", import.meta.url), "utf8");
      expect(docs).toContain(
        `<!-- fields of ${path} -->\n${conformanceTable(endpoint)}\n<!-- end -->`,
      );
      expect(rows.length).toBeGreaterThan(20);
    });

    test.each(rows.filter(({ support }) => support === "yes"))(
      "takes $name, and refuses what it is not",
      async ({ name }) => {
        expect(sampleOf(name), `a sample of ${name}`).toBeDefined();
        expect(await ask(withField(name, sampleOf(name)))).toMatchObject({ status: right });
        const wrong = await ask(withField(name, [[{}]]));
        expect(wrong.status).toBe(400);
        expect(wrong.param?.startsWith(name.replace("[]", "[0]")), wrong.param ?? "").toBe(true);
      },
    );

    test.each(rows.filter(({ support }) => support !== "yes"))(
      "refuses $name by its name, $support",
      async ({ name, support }) => {
        expect(await ask(withField(name, { asked: "for" }))).toEqual({
          ...{ status: 400, param: name.replace("[]", "[0]") },
        });
        const neutral = [...support.matchAll(/`([^`]+)`/g)].map(([, value = ""]) =>
          JSON.parse(value),
        );
        for (const value of [null, ...neutral])
          expect(await ask(withField(name, value)), JSON.stringify(value)).toMatchObject({
            status: right,
          });
      },
    );

    test("takes a null in any field, known or not, as if the field were absent", async () => {
      const names = rows.map(({ name }) => name).filter((name) => !/[.[]/.test(name));
      const nulls = Object.fromEntries([...names, "guided_json"].map((name) => [name, null]));
      const inner = { include_usage: null, continuous_usage_stats: null };
      const asked = { ...nulls, ...least, stream: true, stream_options: inner };
      expect(await ask({ ...asked, adaedl: { policy: null, nothing: null } })).toMatchObject({
        status: right,
      });
      const [required = ""] = Object.keys(least);
      expect(await ask({ ...least, [required]: null })).toEqual({ status: 400, param: required });
      // An item of a list is no field: without it, the others would move.
      expect((await ask({ ...least, stop: ["a", null] })).status).toBe(400);
    });

    test("refuses a field that nobody knows", async () => {
      expect(await ask({ ...least, temprature: 1 })).toEqual({ status: 400, param: "temprature" });
      expect(await ask({ ...least, adaedl: { polcy: "" } })).toEqual({
        status: 400,
        param: "adaedl.polcy",
      });
    });
  },
);

function rowsOf(endpoint: Endpoint): { name: string; support: string }[] {
  const rows = conformanceTable(endpoint).split("\n").slice(2);
  return rows.map((row) => {
    const [, name = "", support = ""] = /^\| `([\w.[\]]+)` \| (.*?) \|/.exec(row) ?? [];
    return { name, support };
  });
}
