import { afterEach, expect, it, vi } from "vitest";
import { hasDockerImages } from "./has-docker-images.ts";

const noImage = "adaedl-no-such-image:0";

afterEach(() => {
  vi.unstubAllEnvs();
});

it("says that an image is neither there nor to be had", async () => {
  vi.stubEnv("ADAEDL_REQUIRE_DOCKER", "");
  expect(await hasDockerImages(noImage)).toBe(false);
});

it("says that there is no Docker", async () => {
  vi.stubEnv("ADAEDL_REQUIRE_DOCKER", "");
  vi.stubEnv("DOCKER_HOST", "unix:///nowhere/docker.sock");
  expect(await hasDockerImages()).toBe(false);
});

it("is an error where Docker is required", async () => {
  vi.stubEnv("ADAEDL_REQUIRE_DOCKER", "1");
  await expect(hasDockerImages(noImage)).rejects.toThrow(
    /^ADAEDL_REQUIRE_DOCKER is set, but (no Docker engine answers|Docker has no image adaedl-no-such-image:0 and cannot pull it)$/,
  );
  vi.stubEnv("DOCKER_HOST", "unix:///nowhere/docker.sock");
  await expect(hasDockerImages()).rejects.toThrow(
    "ADAEDL_REQUIRE_DOCKER is set, but no Docker engine answers",
  );
});
