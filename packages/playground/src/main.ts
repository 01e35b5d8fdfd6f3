import { ApiError } from "./api/api-error.ts";
import { createApiKey } from "./api/api-key.ts";
import { listModels } from "./api/models.ts";
import { createPlayground } from "./playground.ts";
import { createComparison } from "./view/comparison.ts";
import { elementById } from "./view/elements.ts";
import { createFrontierView } from "./view/frontier-view.ts";
import { createHeadline } from "./view/headline.ts";
import { createKeyField } from "./view/key-field.ts";
import { createSettings } from "./view/settings.ts";
import { createStatus } from "./view/status.ts";
import { createStrip } from "./view/strip.ts";
import { createTextView } from "./view/text-view.ts";
import { enableTokenKeys } from "./view/token-keys.ts";
import { createTooltip } from "./view/tooltip.ts";

const output = elementById("output", HTMLElement);
const secondOutput = elementById("second-output", HTMLElement);
const runButton = elementById("run", HTMLButtonElement);
const stopButton = elementById("stop", HTMLButtonElement);
const compare = elementById("compare", HTMLInputElement);
const tintAll = elementById("tint-all", HTMLInputElement);
const keepRejected = elementById("keep-rejected", HTMLInputElement);

const key = createApiKey(sessionStorage);
const status = createStatus();
const settings = createSettings();
const texts = [createTextView(output), createTextView(secondOutput)];
const frontiers = ["frontier", "second-frontier"].map((id) =>
  createFrontierView(elementById(id, HTMLElement)),
);
const headline = createHeadline();
const strip = createStrip();
const comparison = createComparison();
const keyField = createKeyField(key, () => void loadModels());
const playground = createPlayground(key, status, {
  onFirstAnswer({ chat, prompt, policy }, otherPolicy = "none") {
    for (const echo of document.querySelectorAll(".prompt-echo"))
      echo.textContent = chat ? "" : prompt;
    for (const name of document.querySelectorAll("[data-policy]"))
      name.textContent =
        name.getAttribute("data-policy") === "first" ? settings.nameOf(policy) : otherPolicy;
    document.body.classList.add("has-run");
    document.body.classList.remove("waiting");
    tooltip.hide();
  },
  show(first, second) {
    for (const views of [texts, frontiers])
      for (const [side, view] of views.entries()) view.show(side === 0 ? first : second);
    headline.show(first);
    strip.show(first);
    comparison.show(first, second);
  },
  askKey: keyField.ask,
  retry: () => void start(),
  reloadModels: () => void listModels(key).then(settings.offer, () => {}),
});
const tooltip = createTooltip(elementById("tooltip", HTMLElement), [output, secondOutput]);
enableTokenKeys(output);
enableTokenKeys(secondOutput);

async function loadModels(): Promise<void> {
  status.say("Loading…");
  try {
    const models = await listModels(key);
    settings.offer(models);
    if (models.length > 0) status.say("Ready.");
    else status.say("The gateway serves no model yet.", "error", () => void loadModels());
  } catch (error) {
    const isTemporary = error instanceof ApiError && error.isTemporary;
    const message = error instanceof Error ? error.message : String(error);
    status.say(message, "error", isTemporary ? () => void loadModels() : undefined);
    if (error instanceof ApiError && error.status === 401) keyField.ask();
  }
}

async function start(): Promise<void> {
  if (playground.isRunning) return;
  if (!settings.hasModel) await loadModels();
  if (!settings.hasModel) return;
  const question = settings.read();
  if (question === undefined) return;
  setRunning(true);
  await playground.start(question, compare.checked ? settings.otherPolicy : undefined);
  setRunning(false);
}

function setRunning(isRunning: boolean): void {
  document.body.classList.toggle("waiting", isRunning);
  // Not `disabled`, which would take the focus from who has just pressed it.
  runButton.setAttribute("aria-disabled", String(isRunning));
  if (!isRunning && document.activeElement === stopButton) runButton.focus();
  stopButton.hidden = !isRunning;
}

function followTint(): void {
  document.body.classList.toggle("tints-all", tintAll.checked);
}

function followRejected(): void {
  for (const text of texts) text.keepRejected(keepRejected.checked);
}

elementById("settings-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void start();
});
stopButton.addEventListener("click", () => playground.stop());
compare.addEventListener("change", () => comparison.setOpen(compare.checked));
tintAll.addEventListener("change", followTint);
keepRejected.addEventListener("change", followRejected);
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
comparison.setOpen(compare.checked);
followRejected();
followTint();
void loadModels();
