// Earlier questions, kept in this browser only; a store that is closed (frames, private windows) keeps none.

const KEPT = 6;

class Recent {
  #drawer;
  #off;

  constructor(endpoint, { off }) {
    this.#drawer = `sensemake:recent:${endpoint}`;
    this.#off = off;
  }

  list() {
    if (this.#off) return [];
    try {
      return JSON.parse(localStorage.getItem(this.#drawer) ?? "[]").filter((each) => typeof each === "string");
    } catch {
      return [];
    }
  }

  add(question) {
    if (!question || this.#off) return;
    const kept = [question, ...this.list().filter((each) => each !== question)].slice(0, KEPT);
    this.#quietly(() => localStorage.setItem(this.#drawer, JSON.stringify(kept)));
  }

  clear() {
    this.#quietly(() => localStorage.removeItem(this.#drawer));
  }

  #quietly(act) {
    try {
      act();
    } catch {
      // then nothing is kept
    }
  }
}
