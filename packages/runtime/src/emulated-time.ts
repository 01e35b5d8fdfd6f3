import {
  AdaedlError,
  type ForwardTime,
  forwardTimeRule,
  invalidField,
  parseForwardTime,
} from "@adaedl/core";
import { defaultProvider, type ModelThreadOptions } from "./messages.ts";

/**
 * The time that each forward is to take; undefined: the time that it really takes.
 * @throws AdaedlError `invalid_argument` for a text that says none, or a provider other than cpu: the
 *   figures of a real device would be taken for its own
 */
export function emulatedTimeOf({
  emulatedForwardMs: text,
  provider = defaultProvider,
}: Pick<ModelThreadOptions, "emulatedForwardMs" | "provider">): ForwardTime | undefined {
  if (text === undefined) return undefined;
  const time = parseForwardTime(text);
  if (time === undefined) throw invalidField("emulatedForwardMs", text, forwardTimeRule);
  if (provider !== defaultProvider)
    throw new AdaedlError(
      "invalid_argument",
      `emulatedForwardMs ${text} is for provider ${defaultProvider} only, got provider ${provider}`,
      { field: "emulatedForwardMs", value: text },
    );
  return time;
}
