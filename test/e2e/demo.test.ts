import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { createCli } from "./run-cli.ts";

const { adaedl } = createCli();

describe("demo", { timeout: 90_000 }, () => {
  it("runs two services with a network between them, and compares four ways", async () => {
    const { exitCode, stdout, stderr } = await adaedl(["demo", "--once", "--max-tokens", "16"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(
      /^Starting a verifier and a draft service, 40 ms apart \(emulated\)\.\nModel time is emulated: a target forward 30 ms \+ 1 ms for each row after the first, a draft forward 6 ms\.\n\n/,
    );
    expect(stdout).toMatch(/\nstoryteller-draft drafts at 127\.0\.0\.1:\d+ \(process 1\),\n/);
    expect(stdout).toMatch(/ \(process 2\)\.\n\nThe house at /);
    // Plainly: one forward for the prompt and one a token, one round trip in all.
    expect(stdout).toMatch(/^none +17 +0 +0 +– +1\.00 +0\.94 +[\d.]+ +6\.25$/m);
    const drafted = String.raw`\d+ +\d+ +\d+ +\d+ % +\d\.\d\d +\d\.\d\d +\d+\.\d\d +\d+\.\d\d$`;
    for (const policy of ["static:5", "adaedl", "stream"])
      expect(stdout).toMatch(new RegExp(`^${policy} +${drafted}`, "m"));
    expect(stdout).toContain(
      "The same 16 tokens four times: speculation changes the speed, never the words.",
    );
  });

  it("prints its rows as JSON: the stream is ahead of the target alone, which rounds are not", async () => {
    const { exitCode, stdout } = await adaedl(["demo", "--once", "--json", "--max-tokens", "60"]);
    expect(exitCode).toBe(0);
    const { rows, ...setting } = JSON.parse(stdout) as {
      rows: { policy: string; tokensPerSecond: number; targetForwards: number }[];
    };
    expect(setting).toEqual({
      ...{ pair: "storyteller", maxTokens: 60, rttMs: 40 },
      ...{ emulateForwardMs: "30+1", emulateDraftMs: "6" },
    });
    const [plain, fixed, adaedlRow, stream] = rows;
    expect(rows.map(({ policy }) => policy)).toEqual(["none", "static:5", "adaedl", "stream"]);
    const speedOf = (row: typeof plain) =>
      (row?.tokensPerSecond ?? 0) / (plain?.tokensPerSecond ?? 1);
    expect(speedOf(stream)).toBeGreaterThan(1.05); // 1.5 on a machine that has nothing else to do
    expect(stream?.targetForwards).toBeLessThan(61);
    for (const row of [fixed, adaedlRow]) expect(speedOf(row)).toBeLessThan(1);
  });

  it("shows the other pair, and refuses what does not fit", async () => {
    const [coder, tooLong] = await Promise.all([
      adaedl(["demo", "--once", "--pair", "coder", "--max-tokens", "8"]),
      adaedl(["demo", "--once", "--max-tokens", "600"]),
    ]);
    expect(coder).toMatchObject({ exitCode: 0, stderr: "" });
    expect(tooLong.exitCode).toBe(2);
    expect(tooLong.stderr).toMatch(/^adaedl: maxTokens must leave .* 600 > 512\n$/);
  });

  it("then serves the page and the API until Ctrl-C, at a free port where the usual one is taken", async () => {
    const taken = createServer()
      .listen(8080, "127.0.0.1")
      .on("error", () => {});
    let text = "";
    let page = "";
    let models: unknown;
    const { exitCode, stdout, stderr } = await adaedl(["demo", "--max-tokens", "8"], {
      async onOutput(output, child) {
        const curl = /See it happen: (\S+)\n[\s\S]*?(curl [\s\S]*?)\nCtrl-C ends it\.\n/.exec(
          output,
        );
        const [, url = "", command = ""] = curl ?? [];
        if (curl === null || page !== "") return;
        page = "asked";
        page = await (await fetch(url)).text();
        models = await (await fetch(`${url}v1/models`)).json();
        text = execFileSync("bash", ["-c", command], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        });
        child.kill("SIGINT");
      },
    });
    taken.close();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).not.toContain("http://127.0.0.1:8080/");
    expect(page).toContain("<title>AdaEDL playground</title>");
    const { data } = models as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(["storyteller-target", "coder-target"]);
    expect(JSON.parse(text)).toMatchObject({
      object: "text_completion",
      usage: { completion_tokens: 60 },
    });
  });
});
