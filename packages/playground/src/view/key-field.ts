import type { ApiKey } from "../api/api-key.ts";
import { elementById } from "./elements.ts";

/** Asks for the key of a gateway that wants one. */
export interface KeyField {
  ask(): void;
}

/** The key field of index.html; `onKey` is called once there is a key to try. */
export function createKeyField(key: ApiKey, onKey: () => void): KeyField {
  const form = elementById("key-form", HTMLFormElement);
  const field = elementById("key", HTMLInputElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    key.set(field.value);
    field.value = "";
    form.hidden = true;
    onKey();
  });
  return {
    ask() {
      form.hidden = false;
      field.focus();
    },
  };
}
