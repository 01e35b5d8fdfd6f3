/** What a draft forward may take. */
export interface BatchLimits {
  /** Nodes in one draft forward, 1 or more. */
  readonly width: number;
  /** Time of one more node in a draft forward, as a share of the forward's. */
  readonly branchCost: number;
}

/**
 * Which nodes one draft forward should expand: the likeliest, and further ones while each brings more
 * chance for its time than the batch so far.
 * @param nodes with the chance that the text comes to each of them; the first of equals is taken first
 */
export function chooseBatch<Node extends { readonly chance: number }>(
  nodes: readonly Node[],
  { width, branchCost }: BatchLimits,
): readonly Node[] {
  const [first, ...rest] = nodes.toSorted((a, b) => b.chance - a.chance).slice(0, width);
  if (first === undefined) return [];
  const batch = [first];
  let chances = first.chance;
  for (const node of rest) {
    if (node.chance / branchCost <= chances / (1 + branchCost * (batch.length - 1))) break;
    chances += node.chance;
    batch.push(node);
  }
  return batch;
}
