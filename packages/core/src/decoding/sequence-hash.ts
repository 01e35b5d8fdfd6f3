/**
 * A 64-bit hash of the first `length` token ids: tells whether two sides speak of the same sequence.
 * Not cryptographic: it finds mistakes, it does not stop an attacker.
 */
export function hashSequence(tokenIds: ArrayLike<number>, length = tokenIds.length): bigint {
  // FNV-1a over 32-bit words in two lanes of different offset and prime, each finished by a mix.
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let index = 0; index < length; index++) {
    const tokenId = tokenIds[index] as number;
    low = Math.imul(low ^ tokenId, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high ^ tokenId, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (BigInt(Math.imul(high ^ length, 0xc2b2ae35) >>> 0) << 32n) | BigInt(low >>> 0);
}
