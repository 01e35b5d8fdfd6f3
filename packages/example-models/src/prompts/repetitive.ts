import type { ExamplePairName } from "../pair.ts";

/** A request whose answer repeats much of it, and that answer. */
export interface RepetitiveText {
  readonly prompt: string;
  readonly answer: string;
}

/** A text, and a change to it: every occurrence of one name becomes another. */
interface Document {
  readonly text: string;
  readonly rename: readonly [from: string, to: string];
}

const files: readonly Document[] = [
  {
    text: `class TideTable:
    def __init__(self, rows):
        self.rows = sorted(rows)

    def next_high(self, now):
        for time, level in self.rows:
            if time > now and level > 2.5:
                return time
        return None

    def lowest(self):
        return min(level for time, level in self.rows)`,
    rename: ["rows", "readings"],
  },
  {
    text: `def load_scores(path, encoding="utf-8"):
    scores = {}
    with open(path, encoding=encoding) as handle:
        for line in handle:
            name, value = line.split(",")
            scores[name.strip()] = int(value)
    if not scores:
        raise ValueError("no scores in %s" % path)
    return scores`,
    rename: ["scores", "marks"],
  },
  {
    text: `def send_reminder(guest, when, retries=3):
    message = "Dear %s, we expect you at %s." % (guest.name, when)
    for attempt in range(retries):
        try:
            mailer.send(guest.address, message)
            return True
        except ConnectionError:
            logger.warning("attempt %d for %s failed", attempt, guest.name)
    return False`,
    rename: ["guest", "visitor"],
  },
  {
    text: `class Shelf:
    limit = 40

    def __init__(self):
        self.books = []

    def add(self, book):
        if len(self.books) >= self.limit:
            raise IndexError("the shelf is full")
        self.books.append(book)

    def find(self, title):
        return [book for book in self.books if book.title == title]`,
    rename: ["books", "volumes"],
  },
];

const passages: readonly Document[] = [
  {
    text: `The house at Fernhollow had stood empty for eleven winters. Nobody in the village would walk past it after dark. On a wet evening in March a light was seen in the upper window. The old gardener of Fernhollow swore that he had locked every door himself. In the morning all the doors of the house at Fernhollow stood open.`,
    rename: ["Fernhollow", "Ashbourne"],
  },
  {
    text: `Mr. Tibbet laid his spectacles upon the ledger. He had counted the money three times, and three times it had come to seven pounds. His clerk said nothing, for he knew that Mr. Tibbet did not like to be spoken to when he was counting. At last Mr. Tibbet closed the ledger, and put on his hat.`,
    rename: ["Mr. Tibbet", "Mr. Harrow"],
  },
  {
    text: `Clara went down to the river every morning before the others were awake. She took the path behind the church, and came back by the mill. It was there that Clara met the ferryman, who told her that the bridge would not stand another winter. Clara told nobody of it, and the ferryman told nobody but Clara.`,
    rename: ["Clara", "Esther"],
  },
  {
    text: `The captain would not have a lantern on deck that night. The men whispered that he had seen another ship, and that he knew her. Towards four o'clock the captain came up alone, and stood a long while at the rail. When the mate asked him what he saw, the captain said that he saw nothing, and that it was nothing he feared.`,
    rename: ["captain", "admiral"],
  },
];

/** The same document, with the names changed. */
function edited({ text, rename: [from, to] }: Document, request: (change: string) => string) {
  return {
    prompt: `${text}\n\n${request(`${from} -> ${to}`)}\n`,
    answer: text.replaceAll(from, to),
  };
}

/** Each part on a line of its own, with a mark before it. */
function reformatted({ text }: Document, separator: string, request: string): RepetitiveText {
  const lines = text.split(separator).filter((line) => line.trim() !== "");
  return {
    prompt: `${text}\n\n${request}\n`,
    answer: lines.map((line, index) => `${index + 1}. ${line.trim()}`).join("\n"),
  };
}

/** A reply that quotes half of the lines, and says a word to each. */
function quoted({ text }: Document, separator: string, request: string): RepetitiveText {
  const lines = text.split(separator).filter((line) => line.trim() !== "");
  const remarks = ["Is this still true?", "I would leave this out.", "This is good.", "Why so?"];
  return {
    prompt: `${text}\n\n${request}\n`,
    answer: lines
      .filter((_, index) => index % 2 === 0)
      .map((line, index) => `> ${line.trim()}\n${remarks[index % remarks.length]}`)
      .join("\n"),
  };
}

/**
 * Requests that agents and editors make all day: a document with a change of names, one to be set out as a
 * list, and one to be quoted from. The answers are those of a model that does what it is asked; the built-in
 * ones are too small to.
 * @returns twelve ASCII texts in a fixed order, of which prompt and answer together take less than 500 tokens
 */
export function repetitiveTexts(name: ExamplePairName): readonly RepetitiveText[] {
  if (name === "coder")
    return [
      ...files.map((file) => edited(file, (change) => `# The same file after renaming ${change}:`)),
      ...files.map((file) => reformatted(file, "\n", "# Its lines, numbered:")),
      ...files.map((file) => quoted(file, "\n", "# Remarks of the review:")),
    ];
  return [
    ...passages.map((one) => edited(one, (change) => `The same, with another name (${change}):`)),
    ...passages.map((one) => reformatted(one, ". ", "The same as a list, a sentence a line:")),
    ...passages.map((one) => quoted(one, ". ", "The reader's remarks:")),
  ];
}
