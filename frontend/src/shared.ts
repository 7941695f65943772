// What a host of our own shares with a view: its half of anywidget's model but for the messages.
type Anything = (...args: unknown[]) => void;

export class Shared {
  readonly values: Record<string, unknown>;
  #listeners = new Map<string, Set<Anything>>();
  #changed = new Set<string>();

  constructor(values: Record<string, unknown>) {
    this.values = { settings: {}, defaults: {}, ...values };
  }

  get = (name: string): unknown => this.values[name];
  set = (name: string, value: unknown): void => {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.#changed.add(name);
  };
  /** Tells the view what has been set, after `each` was called with its name. */
  save(each: (name: string) => void = () => {}): void {
    const names = [...this.#changed];
    this.#changed.clear();
    for (const name of names) {
      each(name);
      this.fire(`change:${name}`);
    }
  }

  on = (event: string, listener: (...args: never[]) => void): void => {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event)?.add(listener as Anything);
  };
  off = (event: string, listener: (...args: never[]) => void): void => {
    this.#listeners.get(event)?.delete(listener as Anything);
  };
  fire(event: string, ...args: unknown[]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...args);
  }
}
