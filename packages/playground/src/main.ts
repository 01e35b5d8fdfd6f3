import { ApiError } from "./api/api-error.ts";
import { createApiKey } from "./api/api-key.ts";
import { listModels } from "./api/models.ts";
import { createPlayground } from "./playground.ts";
import { createComparison } from "./view/comparison.ts";
import { elementById } from "./view/elements.ts";
import { examplePrompt, offerExamples } from "./view/examples.ts";
import { createKeyField } from "./view/key-field.ts";
import { createSettings } from "./view/settings.ts";
import { createStatus } from "./view/status.ts";
import { createStrip } from "./view/strip.ts";
import { createTextView } from "./view/text-view.ts";
import { enableTokenKeys } from "./view/token-keys.ts";
import { createTooltip } from "./view/tooltip.ts";

const output = elementById("output", HTMLElement);
const plainOutput = elementById("plain-output", HTMLElement);
const prompt = elementById("prompt", HTMLTextAreaElement);
const runButton = elementById("run", HTMLButtonElement);
const stopButton = elementById("stop", HTMLButtonElement);
const compare = elementById("compare", HTMLInputElement);
const keepRefused = elementById("keep-refused", HTMLInputElement);

const key = createApiKey(sessionStorage);
const status = createStatus();
const settings = createSettings();
const views = {
  text: createTextView(output),
  plainText: createTextView(plainOutput),
  strip: createStrip(),
  comparison: createComparison(),
  status,
};
const keyField = createKeyField(key, () => void loadModels());
const playground = createPlayground(key, views, keyField.ask);
const tooltip = createTooltip(elementById("tooltip", HTMLElement), [output, plainOutput]);
enableTokenKeys(output);
enableTokenKeys(plainOutput);
offerExamples(settings);

async function loadModels(): Promise<void> {
  try {
    const models = await listModels(key);
    settings.offer(models);
    if (prompt.value === "") prompt.value = examplePrompt(models[0]?.id ?? "");
    status.say(models.length === 0 ? "The gateway serves no model." : "Ready.");
  } catch (error) {
    status.say(error instanceof Error ? error.message : String(error), "error");
    if (error instanceof ApiError && error.status === 401) keyField.ask();
  }
}

async function start(): Promise<void> {
  if (playground.isRunning) return;
  const question = settings.read();
  if (question === undefined) return;
  for (const echo of document.querySelectorAll(".prompt-echo"))
    echo.textContent = question.chat ? "" : question.prompt;
  document.body.classList.add("has-run");
  tooltip.hide();
  setRunning(true);
  await playground.start(question, compare.checked);
  setRunning(false);
}

function setRunning(isRunning: boolean): void {
  // Not `disabled`, which would take the focus from who has just pressed it.
  runButton.setAttribute("aria-disabled", String(isRunning));
  if (!isRunning && document.activeElement === stopButton) runButton.focus();
  stopButton.hidden = !isRunning;
}

elementById("settings-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void start();
});
stopButton.addEventListener("click", () => playground.stop());
compare.addEventListener("change", () => views.comparison.setOpen(compare.checked));
keepRefused.addEventListener("change", () => {
  views.text.keepRefused(keepRefused.checked);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void start();
  }
  if (event.key !== "Escape") return;
  tooltip.hide();
  playground.stop();
});

// A reload may have kept what was ticked.
views.comparison.setOpen(compare.checked);
views.text.keepRefused(keepRefused.checked);
void loadModels();
