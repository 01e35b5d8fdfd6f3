/** Tokens/s of AdaEDL, Max-Confidence and static drafts in the AdaEDL paper (arXiv 2410.18351). */
export interface PaperResult {
  readonly data: "CNN-DM" | "Dolly" | "WMT";
  readonly temperature: number;
  readonly maxDraftLength: number;
  readonly adaedl: number;
  readonly maxConfidence: number;
  readonly staticLength: number;
  readonly plain: number;
}

/**
 * Llama2-7B with its 115M drafter on one A100: table 1 (T 0.7) and figures 5 and 8 (the sweep). Each
 * method at the starting lambda that was best for it on that data.
 */
export const paperResults: readonly PaperResult[] = [
  ...sweep("CNN-DM", 0.7, 25.74, [55.7, 53.1, 54.1], [56.9, 53.5, 51.5], [54.1, 49.5, 36.3]),
  ...sweep("CNN-DM", 1.0, 25.9, [52.2, 50.5, 50.1], [52.8, 51.8, 45.6], [49.8, 47.4, 30.0]),
  ...sweep("CNN-DM", 1.3, 23.3, [40.2, 39.0, 37.4], [39.3, 37.5, 30.1], [38.4, 37.2, 19.7]),
  ...sweep("Dolly", 0.7, 29.02, [55.8, 55.7, 54.7], [57.1, 56.6, 47.6], [56.1, 55.8, 32.1]),
  ...sweep("Dolly", 1.0, 29.1, [56.2, 56.0, 53.9], [56.0, 54.7, 46.1], [53.4, 55.3, 31.0]),
  ...sweep("Dolly", 1.3, 28.7, [49.9, 50.4, 47.3], [50.3, 50.1, 38.7], [49.0, 48.7, 26.7]),
  ...sweep("WMT", 0.7, 29.8, [45.0, 42.5, 40.9], [45.2, 45.1, 32.7], [43.9, 43.7, 22.3]),
  ...sweep("WMT", 1.0, 29.6, [44.5, 42.9, 40.5], [44.8, 44.7, 30.3], [43.4, 43.5, 22.2]),
  ...sweep("WMT", 1.3, 29.1, [43.5, 42.4, 40.4], [44.4, 44.2, 32.0], [44.2, 43.6, 21.6]),
];

/** Rows for the longest drafts 3, 7 and 16: AdaEDL, Max-Confidence, static. */
function sweep(
  data: PaperResult["data"],
  temperature: number,
  plain: number,
  ...rows: readonly (readonly [number, number, number])[]
): PaperResult[] {
  return rows.map(([adaedl, maxConfidence, staticLength], index) => ({
    ...{ data, temperature, plain, adaedl, maxConfidence, staticLength },
    maxDraftLength: [3, 7, 16][index] as number,
  }));
}
