import type { Spread, TelemetryResult } from "@adaedl/bench";
import type { Colors } from "./colors.ts";
import { renderTable } from "./table.ts";

/** What each way to be watched costs the services, a row each. Spreads are quartiles. */
export function renderTelemetry(results: readonly TelemetryResult[], colors: Colors): string {
  const columns = [
    { heading: "telemetry", align: "left" },
    { heading: "processor time\nms / token" },
    { heading: "÷ off" },
    { heading: "added, all\nµs / token" },
    { heading: "added, verifier · draft\n· gateway, µs / token" },
  ] as const;
  const rows = results.map(({ name, cpuMsPerToken, ratio, addedUsPerToken, addedByProcess }) => {
    const { verifier, draft, gateway } = addedByProcess;
    return [
      name,
      cpuMsPerToken.toFixed(3),
      spread(ratio, 3),
      spread(addedUsPerToken, 0),
      [verifier, draft, gateway].map((us) => us.toFixed(0)).join(" · "),
    ];
  });
  return renderTable(columns, rows, colors);
}

function spread({ median, low, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}
