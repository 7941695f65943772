// Words in two languages: a table per view, each entry [English, Korean]; {name} stands for a value.
import type { Lang } from "./model";

export type Table = Record<string, readonly [string, string]>;
export type Values = Record<string, string | number>;

/** The sentence for a key of a table, in one language. */
export type Say<T extends Table> = (key: keyof T & string, values?: Values) => string;

/** What Python says in both languages, in one of them. */
export const inOne = (texts: unknown, lang: Lang): string => (texts as readonly string[] | null | undefined)?.[lang === "ko" ? 1 : 0] ?? "";

export function speaker<T extends Table>(table: T, lang: Lang): Say<T> {
  return (key, values = {}) => {
    const text = table[key]?.[lang === "ko" ? 1 : 0] ?? key;
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  };
}
