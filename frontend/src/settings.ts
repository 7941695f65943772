// The settings of a view, which Python, the page's address and the widget share.
import type { Model, Values } from "./model";

export interface Settings {
  settings(): Values;
  /** Changes some of them, and tells Python. */
  change(values: Values): void;
}

export function settingsOf(model: Model): Settings {
  const settings = () => (model.get("settings") ?? {}) as Values;
  return {
    settings,
    change(values) {
      model.set("settings", { ...settings(), ...values });
      model.save_changes();
    },
  };
}
