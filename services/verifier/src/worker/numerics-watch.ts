import type { Open } from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";

/** No more are remembered: a client can name what it likes. */
const maxLogged = 100;

/**
 * Watches for texts that go on here with other numerics than before: their next tokens may be others than there.
 * @param numerics of the target here
 * @param onOther called for each such text; the log names each pair once
 */
export function createNumericsWatch(
  numerics: string,
  onOther: () => void,
  logger: Logger,
): (open: Pick<Open, "numerics" | "committedTokenIds">) => void {
  const logged = new Set<string>();
  return ({ numerics: before, committedTokenIds }) => {
    if (committedTokenIds.length === 0 || before === "" || before === numerics) return;
    onOther();
    if (logged.has(before) || logged.size >= maxLogged) return;
    logged.add(before);
    logger.warn(
      { numerics, before },
      "a text goes on with other numerics: its next tokens may differ from those of its earlier target",
    );
  };
}
