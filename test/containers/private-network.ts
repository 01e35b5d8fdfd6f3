import {
  GenericContainer,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from "testcontainers";
import { testImage } from "./service-images.ts";

/** Containers that see each other by name, and nothing else. */
export interface PrivateNetwork extends AsyncDisposable {
  redis(name: string): Promise<StartedTestContainer>;
  /** A service in a container without rights; `port` can be reached from here. */
  serve(
    name: string,
    service: "draft" | "verifier",
    port: number,
    args: readonly string[],
  ): Promise<StartedTestContainer>;
}

export async function openPrivateNetwork(): Promise<PrivateNetwork> {
  const network: StartedNetwork = await new Network().start();
  const started: StartedTestContainer[] = [];
  async function start(container: GenericContainer, name: string): Promise<StartedTestContainer> {
    const running = await container.withNetwork(network).withNetworkAliases(name).start();
    started.push(running);
    return running;
  }
  return {
    redis: (name) =>
      start(
        new GenericContainer("redis:7-bookworm")
          .withCommand(["--save", "", "--maxmemory-policy", "noeviction"])
          .withWaitStrategy(Wait.forLogMessage("Ready to accept connections")),
        name,
      ),
    serve: (name, service, port, args) =>
      start(
        new GenericContainer(testImage(service))
          .withCommand(["serve", service, ...args])
          .withExposedPorts(port)
          .withWaitStrategy(Wait.forLogMessage('"msg":"ready"'))
          .withStartupTimeout(120_000)
          .withDroppedCapabilities("ALL"),
        name,
      ),
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((container) => container.stop({ timeout: 0 }).catch(() => {})));
      await network.stop();
    },
  };
}
