// The search in a frame: a token comes from the page around it, or is typed here, and is kept in memory only.

import "./sensemake-search.js";

const search = document.querySelector("sensemake-search");
const form = document.querySelector("#sign-in");
const origins = search.dataset.origins.split(" ").filter((origin) => /^https?:/.test(origin));
const PATIENCE = 1500; // milliseconds in which the page around us may answer

let given = null;
let waiting = [];

addEventListener("message", ({ origin, source, data }) => {
  if (source !== parent || !origins.includes(origin) || data?.type !== "sensemake:token") return;
  if (typeof data.token === "string") settle({ token: data.token, expires_in: Number(data.expires_in) || 300 });
});

function settle(token) {
  given = token;
  form.hidden = true;
  for (const resolve of waiting.splice(0)) resolve(token);
}

/** Asks the page around us; without an answer, whoever looks is nobody in particular. */
search.tokenProvider = () =>
  new Promise((resolve) => {
    if (given?.typed || parent === self || !origins.length) return resolve(given);
    waiting.push(resolve);
    setTimeout(() => resolve(null), PATIENCE);
    for (const origin of origins) parent.postMessage({ type: "sensemake:token-wanted" }, origin);
  });

search.addEventListener("sensemake:signed-out", () => (form.hidden = false));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  settle({ token: new FormData(form).get("token"), expires_in: 3600, typed: true });
  form.reset();
  search.search(search.query);
});
