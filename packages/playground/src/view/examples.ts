import type { Model } from "../api/wire.ts";
import { elementById } from "./elements.ts";

interface Example {
  readonly label: string;
  readonly prompt: string;
}

/** Openings that each built-in pair continues well. */
const builtIn: Readonly<Record<string, readonly Example[]>> = {
  storyteller: [
    { label: "The captain…", prompt: "The captain looked at the letter and" },
    { label: "Once the snow…", prompt: "Once the snow had melted, the old man" },
    { label: "A light…", prompt: "A light was seen in the upper window, and" },
  ],
  coder: [
    {
      label: "class Stack",
      prompt: 'class Stack:\n    """A last-in, first-out stack."""\n\n    def __init__(self):\n',
    },
    {
      label: "def read_lines",
      prompt: 'def read_lines(path):\n    """Return the lines of a text file."""\n',
    },
    {
      label: "import argparse",
      prompt: "import argparse\n\n\ndef main():\n    parser = argparse.ArgumentParser(",
    },
  ],
};

/** For any other model: text to continue, or questions for one that chats. */
const openings: readonly Example[] = [
  { label: "The capital of…", prompt: "The capital of France is" },
  {
    label: "Speculative decoding…",
    prompt: "Speculative decoding makes language models faster by",
  },
  { label: "def fibonacci", prompt: "def fibonacci(n):\n" },
];
const questions: readonly Example[] = [
  { label: "Why is the sky blue?", prompt: "Why is the sky blue?" },
  { label: "Explain entropy", prompt: "Explain the entropy of a probability distribution." },
  { label: "Sort a list", prompt: "Write a Python function that sorts a list without sort()." },
];
const all = [...Object.values(builtIn).flat(), ...openings, ...questions];

/**
 * Offers the examples that fit `model` below the prompt, and puts the first one into a prompt that is
 * empty or still an example of another model.
 */
export function offerExamples(model: Model, isChat: boolean): void {
  const prompt = elementById("prompt", HTMLTextAreaElement);
  const fitting = examplesFor(model.id, isChat);
  const chips = fitting.map(({ label, prompt: text }) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.textContent = label;
    chip.title = text;
    chip.addEventListener("click", () => {
      prompt.value = text;
      prompt.focus();
    });
    return chip;
  });
  elementById("examples", HTMLElement).replaceChildren(...chips);
  const isOwn = prompt.value !== "" && !all.some((example) => example.prompt === prompt.value);
  if (isOwn || fitting.some((example) => example.prompt === prompt.value)) return;
  prompt.value = fitting[0]?.prompt ?? "";
}

/** The examples for a model of this id. */
export function examplesFor(modelId: string, isChat: boolean): readonly Example[] {
  const pair = Object.keys(builtIn).find((name) => modelId.startsWith(`${name}-`));
  return (pair === undefined ? undefined : builtIn[pair]) ?? (isChat ? questions : openings);
}
