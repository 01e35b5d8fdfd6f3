import { elementById } from "./elements.ts";
import type { Settings } from "./settings.ts";

/** Openings that the built-in pairs continue well, and the name of the pair for each. */
const examples = [
  { label: "The captain…", pair: "storyteller", prompt: "The captain looked at the letter and" },
  { label: "Once the snow…", pair: "storyteller", prompt: "Once the snow had melted, the old man" },
  {
    label: "class Stack",
    pair: "coder",
    prompt: 'class Stack:\n    """A last-in, first-out stack."""\n\n    def __init__(self):\n',
  },
  {
    label: "def read_lines",
    pair: "coder",
    prompt: 'def read_lines(path):\n    """Return the lines of a text file."""\n',
  },
] as const;

/** Offers openings below the prompt; each chooses its model along with it. */
export function offerExamples(settings: Settings): void {
  const prompt = elementById("prompt", HTMLTextAreaElement);
  const chips = examples.map(({ label, pair, prompt: text }) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.textContent = label;
    chip.title = text;
    chip.addEventListener("click", () => {
      prompt.value = text;
      settings.choose(pair);
      prompt.focus();
    });
    return chip;
  });
  elementById("examples", HTMLElement).append(...chips);
}

/** A prompt for a model that was chosen before anything was typed. */
export function examplePrompt(modelId: string): string {
  const fitting = examples.find(({ pair }) => modelId.includes(pair));
  return (fitting ?? examples[0]).prompt;
}
