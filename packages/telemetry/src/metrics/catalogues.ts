import { draftCatalogue } from "./draft-catalogue.ts";
import { gatewayCatalogue } from "./gateway-catalogue.ts";
import { verifierCatalogue } from "./verifier-catalogue.ts";

/** All of them, by who tells. */
export const catalogues = {
  gateway: gatewayCatalogue,
  "draft service": draftCatalogue,
  verifier: verifierCatalogue,
} as const;
