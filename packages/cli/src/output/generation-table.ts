import { type Generation, type NetworkCosts, ratesOf } from "../generation.ts";
import type { Colors } from "./colors.ts";
import { percent, ratio } from "./numbers.ts";
import { renderTable } from "./table.ts";

const columns = [
  { heading: "tokens" },
  { heading: "commits" },
  { heading: "target\nforwards" },
  { heading: "drafted" },
  { heading: "accepted" },
  { heading: "mean acc.\nlength" },
  { heading: "tokens/s" },
];

/** The numbers of one generation: counts, rates, and where the time went. */
export function renderGeneration(generation: Generation, colors: Colors): string {
  const { tokenIds, statistics, network } = generation;
  const { numCommits, numDrafted, numAccepted, draftMs, verifyMs, durationMs } = statistics;
  const rates = ratesOf(generation);
  const { acceptanceRate } = rates;
  const share = acceptanceRate === undefined ? "" : ` (${percent(acceptanceRate)})`;
  const time = [
    `draft ${percent(draftMs / durationMs)}`,
    `verify ${percent(verifyMs / durationMs)}`,
    ...(network === undefined
      ? []
      : [
          `queue ${percent(network.queueMs / durationMs)}`,
          `network ${percent(network.networkMs / durationMs)}`,
        ]),
    `other ${percent(rates.otherMs / durationMs)}`,
  ].join(" · ");
  const row = [
    String(tokenIds.length),
    String(numCommits),
    String(statistics.numTargetForwards),
    String(numDrafted),
    `${numAccepted}${share}`,
    ratio(rates.meanAcceptanceLength),
    ratio(rates.tokensPerSecond),
  ];
  const lines = [renderTable(columns, [row], colors), `${colors.dim("time:")} ${time}`];
  const { acceptedBy, numVerifierDrafted, numVerifierAccepted } = statistics;
  if (Object.keys(acceptedBy).some((drafters) => drafters !== "model")) {
    const parts = Object.entries(acceptedBy).map(([drafters, count]) => `${drafters} ${count}`);
    lines.push(`${colors.dim("accepted by what had drafted them:")} ${parts.join(" · ")}`);
  }
  if (numVerifierDrafted > 0)
    lines.push(
      `${colors.dim("verifier's own draft tokens:")} ${numVerifierDrafted}, accepted ${numVerifierAccepted}`,
    );
  if (network !== undefined) lines.push(`${colors.dim("wire:")} ${wireOf(network, generation)}`);
  return lines.join("\n");
}

/** What went over the wire, without framing. */
function wireOf(network: NetworkCosts, { statistics }: Generation): string {
  const { numCommits, numDrafted } = statistics;
  const perVerified =
    numDrafted === 0
      ? []
      : [`${ratio(network.draftTokenBytesUp / numDrafted)} a verified draft token`];
  return [
    `${network.numRoundTrips} round trips`,
    [`${network.bytesUp} bytes up`, ...perVerified].join(", "),
    `${network.bytesDown} down, ${ratio(network.bytesDown / numCommits)} a commit`,
  ].join(" · ");
}
