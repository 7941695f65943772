// The address: #/VIEW?name=value... with the settings that differ from their defaults. The token that
// comes with the first address is kept for this machine's page and taken out of the address.
import type { Json, Values } from "../model";

const TOKEN = "mitbadak-lab-token";

const LONGEST = 4000; // characters of a setting in the address; longer ones are kept by the browser

export interface Place {
  view: string;
  settings: Values;
}

/** The token from the address, or the one that came with an earlier address. */
export function takeToken(): string {
  const match = /(?:^#|&)token=([\w-]+)/.exec(location.hash);
  if (match?.[1]) {
    localStorage.setItem(TOKEN, match[1]);
    const rest = location.hash.replace(match[0], "").replace(/^#?&/, "");
    history.replaceState(null, "", rest.startsWith("#") ? rest : `#${rest}`);
  }
  return localStorage.getItem(TOKEN) ?? "";
}

export function parsePlace(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const settings: Values = {};
  for (const [name, text] of new URLSearchParams(query)) {
    const kept = text === KEPT ? localStorage.getItem(keyOf(path, name)) : text;
    if (kept !== null) settings[name] = parseValue(kept);
  }
  return { view: path, settings };
}

export function formatPlace(view: string, settings: Values, defaults: Values): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(settings))
    if (JSON.stringify(value) !== JSON.stringify(defaults[name])) {
      const text = formatValue(value);
      if (text.length > LONGEST) localStorage.setItem(keyOf(view, name), text);
      query.set(name, text.length > LONGEST ? KEPT : text);
    }
  const text = query.toString();
  return `#/${view}${text ? `?${text}` : ""}`;
}

const KEPT = "kept";
const keyOf = (view: string, name: string) => `mitbadak-lab-${view}-${name}`;

const formatValue = (value: Json): string =>
  typeof value === "string" && typeof parseValue(value) === "string" ? value : JSON.stringify(value);

function parseValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
