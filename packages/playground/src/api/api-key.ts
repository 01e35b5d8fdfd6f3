/** The key that a gateway may ask for. */
export interface ApiKey {
  set(value: string): void;
  /** What a request has to carry; nothing while there is no key. */
  headers(): Readonly<Record<string, string>>;
}

const storageKey = "adaedl-api-key";

/** A key that lasts as long as the tab, so that a reload does not ask again. */
export function createApiKey(storage: Pick<Storage, "getItem" | "setItem">): ApiKey {
  return {
    set(value) {
      storage.setItem(storageKey, value.trim());
    },
    headers(): Record<string, string> {
      const value = storage.getItem(storageKey) ?? "";
      return value === "" ? {} : { authorization: `Bearer ${value}` };
    },
  };
}
