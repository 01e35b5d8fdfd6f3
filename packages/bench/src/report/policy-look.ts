import { isOurs, isOutOfReach, policiesOf, rankOf } from "./policy-rank.ts";

/** How a policy is drawn: the same in every plot of a page. */
export interface Look {
  readonly policy: string;
  /** A CSS colour; the page's style gives it one value for light and one for dark. */
  readonly color: string;
  readonly isOurs: boolean;
  readonly width: number;
  readonly dash: string | undefined;
  /** Colour is never the only difference. */
  readonly symbol: (typeof ourSymbols | typeof otherSymbols | typeof namedSymbols)[number];
}

export type Looks = ReadonlyMap<string, Look>;

const numOurColors = 4;
const ourSymbols = ["circle", "square", "triangle", "diamond"] as const;
/** One less than dashes, so that all combinations come up. */
const otherSymbols = ["triangle2", "plus", "diamond2"] as const;
/** Of none, best-static and oracle. */
const namedSymbols = ["times", "square2", "asterisk"] as const;
const otherDashes = [undefined, "5 2", "2 2", "7 2 2 2"];

/** Policies that differ in their parameters only share a colour. */
function familyOf(policy: string): string {
  const [name = ""] = policy.split(":");
  return policy.includes("gamma=auto") ? `${name} gamma=auto` : name;
}

/** Ours in colours of their own, baselines in greys. */
export function looksOf(items: readonly { readonly policy: string }[]): Looks {
  const policies = policiesOf(items);
  const ours = policies.filter(isOurs);
  const families = [...new Set(ours.map(familyOf))];
  const relativesOf = (policy: string) => ours.filter((one) => familyOf(one) === familyOf(policy));
  const others = policies.filter((policy) => !isOurs(policy));
  return new Map(
    policies.map((policy) => [
      policy,
      isOurs(policy)
        ? ourLook(policy, families.indexOf(familyOf(policy)), relativesOf(policy).indexOf(policy))
        : otherLook(policy, others.indexOf(policy)),
    ]),
  );
}

/** @param relative place among those of one family */
function ourLook(policy: string, family: number, relative: number): Look {
  return {
    policy,
    color: `var(--ours-${(family % numOurColors) + 1})`,
    isOurs: true,
    width: 2.5,
    dash: relative === 0 ? undefined : `${7 / relative} 3`,
    symbol: ourSymbols[(family + relative) % ourSymbols.length] ?? "circle",
  };
}

function otherLook(policy: string, index: number): Look {
  const look = { policy, isOurs: false, width: 1.5, color: "var(--baseline)" };
  if (policy === "none") return { ...look, dash: "1 3", symbol: "times", width: 2 };
  if (policy === "best-static")
    return { ...look, color: "var(--strong)", dash: undefined, symbol: "square2", width: 2 };
  if (isOutOfReach(policy))
    return { ...look, color: "var(--strong)", dash: "6 3", symbol: "asterisk" };
  const symbol = otherSymbols[index % otherSymbols.length] ?? "plus";
  const dash = otherDashes[index % otherDashes.length];
  const isStatic = rankOf(policy) < 2;
  return { ...look, color: isStatic ? "var(--faint)" : look.color, dash, symbol, width: 1.25 };
}
