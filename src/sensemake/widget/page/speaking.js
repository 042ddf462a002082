// What the page says, in the language in which the server made it.

import { speaker } from "./sensemake-search.js";
import { WORDS } from "./page-words.js";

const code = Object.hasOwn(WORDS, document.documentElement.lang) ? document.documentElement.lang : "en";
const own = WORDS[code];
const form = new Intl.PluralRules(code);
const component = speaker(code);

/** A sentence with its places filled: `say("showMore", { n: 12, all: 40 })`. */
export const say = (key, values = {}) => own[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));

/** A sentence that counts, in its singular or plural: `count("countPeople", 3)`. */
export const count = (key, n) => say(`${key}.${form.select(n) === "one" ? "one" : "other"}`, { n });

/** What an event or a status is called; one that no dictionary knows is called what the server calls it. */
export const status = (name) => (Object.hasOwn(own, `status.${name}`) ? own[`status.${name}`] : name);

export const { kind, date } = component;
