import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type ComposeFile, findCompose } from "./compose-command.ts";
import { version } from "./version.ts";

interface Service {
  readonly image: string;
  readonly build?: { readonly target: string };
  readonly user?: string;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly cpus?: number | string;
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly ports?: readonly string[];
  readonly privileged?: boolean;
  readonly network_mode?: string;
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly stop_grace_period?: string;
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
  readonly healthcheck?: object;
  readonly command?: string | readonly string[];
}

const folder = new URL("../../deploy/compose/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml")) as ComposeFile[];
const services = files.flatMap((file) => {
  const text = readFileSync(new URL(file, folder), "utf8");
  const content = parse(text, { merge: true }) as { services: Record<string, Service> };
  return Object.entries(content.services).map(([name, service]) => ({ file, name, service }));
});

const needed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "compose.yaml": { REDIS_PASSWORD: "secret", GRAFANA_PASSWORD: "secret" },
  "edge.yaml": { VERIFIER: "verify.example.com:50051" },
};

const compose = await findCompose();
if (compose === undefined) console.warn("SKIPPED: no docker compose and no docker-compose here");

describe.skipIf(compose === undefined)("docker compose", () => {
  test.each(files)("takes %s as it stands", async (file) => {
    const config = (await compose?.(file, needed[file] ?? {}, "config")) ?? "";
    const names = services.filter((one) => one.file === file).map(({ name }) => name);
    expect(Object.keys(parse(config).services).sort()).toEqual(names.sort());
  });

  test.each(
    files.flatMap((file) => Object.keys(needed[file] ?? {}).map((name) => ({ file, name }))),
  )("takes $file not without $name", async ({ file, name }) => {
    const { [name]: _, ...others } = needed[file] ?? {};
    await expect(compose?.(file, others, "config")).rejects.toThrow(/set it in|the verifiers/);
  });
});

describe.each(services)("$file: $name", ({ service }) => {
  test("may do no more than it has to", () => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
    expect(service.privileged).toBeUndefined();
    expect(service.network_mode).toBeUndefined();
    expect(service.volumes?.filter((volume) => volume.includes("docker.sock"))).toEqual(
      service.volumes && [],
    );
    // Ours say so themselves, in the image.
    if (service.build === undefined) expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
  });

  test("takes no more than its share, and comes back", () => {
    expect(service).toMatchObject({ restart: "unless-stopped" });
    for (const limit of [service.cpus, service.mem_limit, service.pids_limit])
      expect(limit).toBeDefined();
    expect(service.logging?.options).toHaveProperty("max-size");
  });

  test("is of a version, and is asked how it is", () => {
    if (service.build === undefined) {
      expect(service.image).toMatch(/:(?:\$\{\w+_IMAGE:-)?.+:v?\d+\.\d+\.\d+(?:-\w+)?\}$/);
      expect(service.healthcheck).toBeDefined();
    } else
      expect(service.image).toBe(
        `\${ADAEDL_REGISTRY:-registry.example.com/adaedl}/${service.build.target}:\${ADAEDL_VERSION:-${version}}`,
      );
  });

  test("shows no secret among its processes", () => {
    // Below a "<<END" it is standard input.
    const command = [service.command ?? []].flat().join("\n");
    expect(command.replace(/<<(\w+)\n[\s\S]*?\n\1$/gm, "")).not.toMatch(
      /PASSWORD|AUTH|SECRET|TOKEN/i,
    );
  });

  test("is reached from this machine alone, unless somebody says otherwise", () => {
    for (const port of service.ports ?? [])
      expect(port).toMatch(/^\$\{\w+_LISTEN:-127\.0\.0\.1:\d+\}:\d+$/);
  });

  test("has time to drain", () => {
    const drainTimeout = service.environment?.ADAEDL_DRAIN_TIMEOUT;
    if (service.build === undefined) return;
    expect(Number.parseInt(service.stop_grace_period ?? "0", 10)).toBeGreaterThan(
      Number(drainTimeout) + 10,
    );
  });
});
