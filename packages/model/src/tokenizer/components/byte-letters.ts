/**
 * GPT-2's letters for the 256 bytes: those with a visible Latin-1 character stand for themselves, the
 * others take characters from U+0100 on.
 */
const letterOfByte: readonly string[] = createByteAlphabet();
const byteOfLetter: ReadonlyMap<string, number> = new Map(
  letterOfByte.map((letter, byte) => [letter, byte]),
);
const utf8 = new TextEncoder();

/** The UTF-8 bytes of a text, a letter each. */
export function toByteLetters(text: string): string {
  let letters = "";
  for (const byte of utf8.encode(text)) letters += letterOfByte[byte];
  return letters;
}

/** The bytes that the letters stand for; undefined where one stands for none. */
export function fromByteLetters(token: string): number[] | undefined {
  const bytes: number[] = [];
  for (const letter of token) {
    const byte = byteOfLetter.get(letter);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return bytes;
}

function createByteAlphabet(): string[] {
  const letters: string[] = [];
  let nextHidden = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const isVisible = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    letters.push(String.fromCodePoint(isVisible ? byte : nextHidden++));
  }
  return letters;
}
