/**
 * GPT-2's letters for the 256 bytes: those with a visible Latin-1 character stand for themselves, the
 * others take characters from U+0100 on.
 */
const unitOfByte: readonly number[] = createByteAlphabet();
const byteOfLetter: ReadonlyMap<string, number> = new Map(
  unitOfByte.map((unit, byte) => [String.fromCharCode(unit), byte]),
);
const utf8 = new TextEncoder();

/** The UTF-8 bytes of a text, a letter each. */
export function toByteLetters(text: string): string {
  const bytes = utf8.encode(text);
  const units = new Uint16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) units[i] = unitOfByte[bytes[i] as number] as number;
  return Buffer.from(units.buffer).toString("utf16le");
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

function createByteAlphabet(): number[] {
  const units: number[] = [];
  let nextHidden = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const isVisible = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    units.push(isVisible ? byte : nextHidden++);
  }
  return units;
}
