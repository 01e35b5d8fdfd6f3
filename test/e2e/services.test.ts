import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServiceProcess, startServiceProcess } from "../network/service-process.ts";
import { createCli, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const { adaedl } = createCli();
const prompt = "The captain looked at the letter and";
const sampled = ["--prompt", prompt, "--seed", "7", "--max-tokens", "40", "--temperature", "0.8"];

let verifier: ServiceProcess;
let draft: ServiceProcess;
beforeAll(async () => {
  const common = ["--listen", "127.0.0.1:0", "--threads", "1"];
  const emulated = ["--emulate-forward-ms", "2+0.1"]; // changes no text
  verifier = await startServiceProcess(["verifier", ...common, ...emulated]);
  draft = await startServiceProcess(["draft", ...common], {
    ADAEDL_VERIFIER: verifier.ready.address,
    ADAEDL_POLICY: "static:4",
    ADAEDL_EMULATE_DRAFT_MS: "1",
  });
});
afterAll(async () => {
  await draft?.kill();
  await verifier?.kill();
});

test("a service says in one line that it is ready, where, and with what", () => {
  expect(verifier.lines).toHaveLength(1);
  expect(verifier.ready).toMatchObject({ service: "verifier", model: "storyteller-target" });
  expect(verifier.ready).toMatchObject({ emulatedForwardMs: "2+0.1" });
  expect(draft.lines).toHaveLength(1);
  expect(draft.ready).toMatchObject({
    service: "draft",
    model: "storyteller-draft",
    target: "storyteller-target",
    policy: "static:4", // a variable counts like its flag
    emulatedDraftMs: "1",
    emulatedTargetMs: "2+0.1",
  });
});

describe("roles that meet in Redis", () => {
  test.each([
    [["--role", "worker"], /redisUrl must be given for the role worker/],
    [
      ["--redis-url", "redis://u:secret@a,b"],
      /redisUrl must be redis\[s\]:.*"redis:\/\/u:\*\*\*@a,b"/,
    ],
    [["--redis-namespace", "a:b"], /must be 1 to 64 letters, digits and dashes/],
    [["--role", "boss"], /Allowed choices are all, ingress, worker/],
  ])("%s is refused in one line", async (args, complaint) => {
    const { exitCode, stdout, stderr } = await adaedl(["serve", "verifier", ...args]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(complaint);
  });

  test("--print-config shows no password", async () => {
    const url = "rediss+sentinel://ada:secret@one,two/main";
    const { stdout } = await adaedl(["serve", "verifier", "--redis-url", url, "--print-config"]);
    expect(JSON.parse(stdout)).toMatchObject({
      role: "all",
      redisUrl: "rediss+sentinel://ada:***@one,two/main",
    });
  });
});

describe("generate --server", () => {
  test.each(["none", "static:4", "adaedl"])(
    "with %s prints what it prints locally",
    async (policy) => {
      const args = ["generate", ...sampled, "--policy", policy];
      const local = await adaedl(args);
      const remote = await adaedl([...args, "--server", draft.ready.address]);
      expect(remote).toMatchObject({ exitCode: 0, stdout: local.stdout });
      expect(remote.stderr).toMatch(/wire: \d+ round trips · \d+ bytes up.* · \d+ down/);
    },
  );

  test("--json has all that it has locally, and what the network cost", async () => {
    const args = ["generate", ...sampled, "--policy", "static:4", "--json"];
    const local = JSON.parse((await adaedl(args)).stdout);
    const remote = JSON.parse((await adaedl([...args, "--server", draft.ready.address])).stdout);
    const same = ["text", "tokenIds", "promptTokenIds", "finishReason", "policy", "verification"];
    const counts = ["seed", "temperature", "commits", "numDrafted", "numAccepted", "draftForwards"];
    for (const key of [...same, ...counts]) expect(remote[key], key).toEqual(local[key]);
    for (const key of Object.keys(local)) expect(remote).toHaveProperty(key);
    expect(remote).toMatchObject({
      roundTrips: remote.commits,
      reopened: 0,
      bytesUp: expect.any(Number),
      bytesDown: expect.any(Number),
      networkMs: expect.any(Number),
    });
    expect(remote.draftTokenBytesUp / remote.numDrafted).toBeLessThanOrEqual(24);
    expect(remote.bytesDown / remote.commits).toBeLessThanOrEqual(64);
  });

  test("leaves the policy to the service when none is named", async () => {
    const { stdout } = await adaedl([
      ...["generate", ...sampled, "--json", "--server", draft.ready.address],
    ]);
    expect(JSON.parse(stdout).policy).toBe("static:4");
  });

  test("takes ids, and refuses what cannot be as it does locally", async () => {
    const server = ["--server", draft.ready.address];
    const bad = ["generate", "--prompt-ids", "1,99999", "--max-tokens", "5"];
    const [local, remote] = [await adaedl(bad), await adaedl([...bad, ...server])];
    expect(remote).toEqual(local);
    expect(remote).toMatchObject({ exitCode: 2, stdout: "" });
    expect(remote.stderr).toContain("99999");
  });

  test("does not mix with models of this machine", async () => {
    const mixed = ["--pair", "coder", "--server", draft.ready.address];
    const { exitCode, stderr } = await adaedl(["generate", "--prompt", "x", ...mixed]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("'--server <host:port>' cannot be used with option '--pair <name>'");
  });

  test("says in one line that nobody is there", async () => {
    const { exitCode, stderr } = await adaedl([
      ...["generate", "--prompt", "x", "--server", "127.0.0.1:1"],
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^adaedl: .*127\.0\.0\.1:1.*\n$/);
  });
});

describe("health", () => {
  test("is SERVING for the server and each of its services, exit code 0", async () => {
    for (const service of ["", "adaedl.v2.Verification"]) {
      const asked = await adaedl(["health", verifier.ready.address, "--service", service]);
      expect(asked).toEqual({ exitCode: 0, stdout: "SERVING\n", stderr: "" });
    }
  });

  test("fails for a service that is unknown, and where nobody is", async () => {
    const unknown = await adaedl(["health", verifier.ready.address, "--service", "other"]);
    expect(unknown.exitCode).toBe(1);
    const nobody = await adaedl(["health", "127.0.0.1:1", "--timeout", "1"]);
    expect(nobody.exitCode).toBe(1);
    expect(nobody.stderr).toMatch(/^adaedl: .+\n$/);
  });
});

describe("serve", () => {
  test("--print-config shows every setting as it counts, and no secret", async () => {
    const args = ["serve", "draft", "--verifier", "a:1,b:2", "--max-requests", "3"];
    const env = { ADAEDL_VERIFIER_TOKEN: "hush", ADAEDL_ROUND_TIMEOUT: "2.5" };
    const { exitCode, stdout } = await adaedl([...args, "--print-config"], { env });
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("hush");
    expect(JSON.parse(stdout)).toMatchObject({
      verifier: ["a:1", "b:2"],
      maxRequests: 3,
      verifierToken: "***",
      roundTimeout: 2.5,
      policy: "stream",
      listen: "127.0.0.1:50052",
    });
  });

  test.each([
    [["verifier", "--listen", "nowhere"], "It must be HOST:PORT"],
    [["verifier", "--max-sessions", "0"], "It must be a whole number from 1 to 100000."],
    [
      ["verifier", "--emulate-forward-ms", "30s"],
      "'--emulate-forward-ms <forward+row>' argument '30s' is invalid. It must be FORWARD or FORWARD+ROW in milliseconds",
    ],
    [
      ["verifier", "--emulate-forward-ms", "30+1", "--provider", "cuda"],
      "--emulate-forward-ms 30+1 is for --provider cpu only, got --provider cuda",
    ],
    [
      ["draft", "--verifier", "a:1", "--emulate-draft-ms", "6", "--provider", "webgpu"],
      "--emulate-draft-ms 6 is for --provider cpu only, got --provider webgpu",
    ],
    [["draft"], "required option '--verifier <host:port,…>' not specified"],
    [["draft", "--verifier", "a:1", "--policy", "magic"], "policy must be one of none, stream["],
  ])("%s is refused in one line", async (args, message) => {
    const { exitCode, stdout, stderr } = await adaedl(["serve", ...args]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("a port that is taken, and files that cannot be read, end it in one line", async () => {
    const taken = await adaedl(["serve", "verifier", "--listen", verifier.ready.address]);
    expect(taken.exitCode).toBe(1);
    expect(taken.stderr).toContain(`cannot listen on ${verifier.ready.address}`);
    const missing = join(folder, "missing.pem");
    const tls = ["--tls-cert", missing, "--tls-key", missing, "--listen", "127.0.0.1:0"];
    const unreadable = await adaedl(["serve", "verifier", ...tls]);
    expect(unreadable.exitCode).toBe(1);
    expect(unreadable.stderr).toBe(`adaedl: tlsCert ${missing} cannot be read: ENOENT\n`);
  });

  test("a draft model of another vocabulary drafts for the target all the same", async () => {
    const args = ["--pair", "coder", "--listen", "127.0.0.1:0", "--threads", "1"];
    const other = await startServiceProcess(["draft", ...args], {
      ...{ ADAEDL_VERIFIER: verifier.ready.address, ADAEDL_POLICY: "static:4" },
    });
    try {
      const ask = ["generate", "--prompt", prompt, "--seed", "7", "--max-tokens", "60", "--json"];
      for (const temperature of ["0", "1"]) {
        const asked = [...ask, "--temperature", temperature, "--server"];
        const [drafted, own] = await Promise.all(
          [other, draft].map(({ ready }) => adaedl([...asked, ready.address])),
        );
        const { text, numAccepted } = JSON.parse(drafted?.stdout ?? "");
        expect(text).toBe(JSON.parse(own?.stdout ?? "").text);
        expect(numAccepted).toBeGreaterThan(0);
      }
    } finally {
      await other.kill();
    }
  });

  test("bearer tokens: the right one is served, another is not", async () => {
    mkdirSync(folder, { recursive: true });
    const tokens = join(folder, "tokens");
    writeFileSync(tokens, "# who\nedge-1 sesame\n");
    const args = ["--listen", "127.0.0.1:0", "--verifier", verifier.ready.address];
    const guarded = await startServiceProcess(["draft", ...args, "--tokens-file", tokens]);
    try {
      const ask = ["generate", ...sampled, "--server", guarded.ready.address];
      expect(await adaedl([...ask, "--token", "sesame"])).toMatchObject({ exitCode: 0 });
      const refused = await adaedl([...ask, "--token", "please"]);
      expect(refused).toMatchObject({
        exitCode: 1,
        stderr: "adaedl: the bearer token is not known here\n",
      });
    } finally {
      await guarded.kill();
    }
  });
});

test("SIGTERM ends an idle service with exit code 0", async () => {
  const idle = await startServiceProcess(["verifier", "--listen", "127.0.0.1:0"]);
  idle.signal("SIGTERM");
  expect(await idle.ended()).toBe(0);
});

test("SIGTERM ends a service though a peer never closes its side of a connection", async () => {
  const held = await startServiceProcess(["verifier", "--listen", "127.0.0.1:0", "--threads", "1"]);
  const { hostname, port } = new URL(`tcp://${held.ready.address}`);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  try {
    const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), emptySettings]));
    await once(socket, "data"); // the server's own settings: a session
    socket.resume();
    held.signal("SIGTERM");
    expect(await held.ended()).toBe(0);
  } finally {
    socket.destroy();
    await held.kill();
  }
});
