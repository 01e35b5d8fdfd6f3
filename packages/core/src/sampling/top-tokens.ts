/**
 * The ids of the largest logits, the largest first, equal ones by lower id; fewer where the vocabulary
 * is smaller. One pass: almost every token is dismissed by one comparison. [vocabSize]
 */
export function topTokenIds(logits: Float32Array | Float64Array, count: number): number[] {
  const top: number[] = [];
  if (count <= 0) return top;
  /** What a token has to exceed once there are `count` of them. */
  let least = Number.NEGATIVE_INFINITY;
  for (let tokenId = 0; tokenId < logits.length; tokenId++) {
    const logit = logits[tokenId] as number;
    if (top.length >= count) {
      if (!(logit > least)) continue;
      top.pop();
    }
    let place = top.length;
    while (place > 0 && logit > (logits[top[place - 1] as number] as number)) place--;
    top.splice(place, 0, tokenId);
    least = logits[top.at(-1) as number] as number;
  }
  return top;
}
