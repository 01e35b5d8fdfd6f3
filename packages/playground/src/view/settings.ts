import type { Question } from "../api/request-body.ts";
import type { Model } from "../api/wire.ts";
import { mostKept } from "../run/run-state.ts";
import { elementById } from "./elements.ts";
import { offerExamples } from "./examples.ts";
import { showPair } from "./pair-view.ts";

/** The fields above the text. */
export interface Settings {
  /** Offers the models that the gateway serves. */
  offer(models: readonly Model[]): void;
  /** What the fields say now; undefined, and the field shown, where one says nothing usable. */
  read(): Question | undefined;
  /** The policy to compare with. */
  readonly otherPolicy: string;
  /** What to call a policy of a question. */
  nameOf(policy: string): string;
  /** Whether there is a model to ask. */
  readonly hasModel: boolean;
}

/** Policies that a newcomer may try; any other goes into the field beside. */
const otherPolicy = "other";

/** The fields of index.html. */
export function createSettings(): Settings {
  const form = elementById("settings-form", HTMLFormElement);
  const prompt = elementById("prompt", HTMLTextAreaElement);
  const model = elementById("model", HTMLSelectElement);
  const policy = elementById("policy", HTMLSelectElement);
  const policyText = elementById("policy-text", HTMLInputElement);
  const compared = elementById("other-policy", HTMLSelectElement);
  const maxTokens = elementById("max-tokens", HTMLInputElement);
  const chat = elementById("chat", HTMLInputElement);
  const chatSwitch = elementById("chat-switch", HTMLElement);
  const isWide = matchMedia("(min-width: 60rem)");
  let models: readonly Model[] = [];

  const chosen = () => models.find(({ id }) => id === model.value);

  /** What depends on the model: its policy, its length, whether it chats. */
  function followModel(): void {
    const meta = chosen()?.meta;
    const own = policy.options[0];
    if (own !== undefined) own.textContent = `default${inBrackets(meta?.default_policy)}`;
    offerCompared(policy, compared);
    policy.title = meta?.default_policy === undefined ? "" : `default: ${meta.default_policy}`;
    maxTokens.max = String(Math.min(meta?.n_ctx ?? mostKept, mostKept));
    chatSwitch.hidden = meta?.has_chat_template !== true;
    showPair(chosen());
    followChat();
  }

  function followChat(): void {
    const model = chosen();
    if (model !== undefined) offerExamples(model, isChat());
  }

  const isChat = () => chat.checked && !chatSwitch.hidden;

  function followPolicy(): void {
    policyText.hidden = policy.value !== otherPolicy;
    policyText.disabled = policyText.hidden;
  }

  function followWidth(): void {
    elementById("settings", HTMLDetailsElement).open = isWide.matches;
  }

  model.addEventListener("change", followModel);
  chat.addEventListener("change", followChat);
  policy.addEventListener("change", () => {
    followPolicy();
    if (!policyText.hidden) policyText.focus();
  });
  isWide.addEventListener("change", followWidth);
  followPolicy();
  followWidth();

  return {
    offer(next) {
      const before = model.value;
      models = next;
      model.replaceChildren(...models.map(({ id }) => new Option(id, id, false, id === before)));
      followModel();
    },
    get otherPolicy() {
      return compared.value;
    },
    nameOf: (spec) => spec || short(chosen()?.meta?.default_policy ?? "default policy"),
    get hasModel() {
      return models.length > 0;
    },
    read() {
      if (!form.checkValidity()) {
        // The browser can point at a field only where it is not folded away.
        elementById("settings", HTMLDetailsElement).open = true;
        form.reportValidity();
        return undefined;
      }
      const seed = elementById("seed", HTMLInputElement).value;
      return {
        model: model.value,
        prompt: prompt.value,
        chat: isChat(),
        policy: policy.value === otherPolicy ? policyText.value.trim() : policy.value,
        temperature: elementById("temperature", HTMLInputElement).valueAsNumber,
        maxTokens: maxTokens.valueAsNumber,
        seed: seed === "" ? undefined : Number(seed),
      };
    },
  };
}

/** The policies that have a name; plain decoding at first. */
function offerCompared(policy: HTMLSelectElement, compared: HTMLSelectElement): void {
  const before = compared.value || "none";
  const named = [...policy.options].filter(({ value }) => value !== otherPolicy && value !== "");
  const options = named.map(({ value }) => new Option(value, value, false, value === before));
  compared.replaceChildren(...options);
}

function inBrackets(spec: string | undefined): string {
  if (spec === undefined || spec === "") return "";
  return ` (${short(spec)})`;
}

/** A policy as far as there is room for it; with all parameters spelled out it is a long line. */
function short(spec: string): string {
  return spec.length > 20 ? spec.slice(0, spec.indexOf(":")) : spec;
}
