import { Health } from "../definitions.ts";
import { ask, type Channel, type ChannelOptions, openChannel } from "./channel.ts";

/**
 * Asks the standard health service.
 * @param serviceName "" for the server as a whole
 * @returns SERVING, NOT_SERVING or UNKNOWN
 * @throws AdaedlError `unavailable` when the server cannot be reached, `not_found` when it does not
 *   know the service
 */
export async function checkHealth(
  options: ChannelOptions,
  serviceName: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<string> {
  const channel = openChannel(options);
  try {
    return await askHealth(channel, serviceName, timeoutMs, signal);
  } finally {
    channel.close();
  }
}

/** The same over a channel that is open. */
export async function askHealth(
  channel: Channel,
  serviceName: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { Check } = Health.service;
  const { status } = await ask(channel, Check, { service: serviceName }, timeoutMs, signal);
  return status;
}
