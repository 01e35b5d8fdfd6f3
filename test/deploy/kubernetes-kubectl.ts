import { env } from "node:process";
import { hasKubectl } from "./kubernetes-render.ts";

/** Where it is required, its absence is a failure: tests that render then fail by themselves. */
export const canRender = hasKubectl() || env.ADAEDL_REQUIRE_KUBECTL === "1";
if (!canRender) console.warn("SKIPPED: no kubectl here that could render deploy/kubernetes");
