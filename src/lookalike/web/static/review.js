// The review page: the queue, the case that is looked at, and decisions.

import { ask, post } from "./api.js";
import { CaseView } from "./case.js";
import { offerCollections } from "./collections.js";
import { prefetch } from "./kept.js";
import { statsShown } from "./lacking.js";
import { part, write } from "./parts.js";
import { Queue } from "./queue.js";
import { askReviewer, reviewer } from "./reviewer.js";
import { chosen, route } from "./routes.js";
import { watchKeys } from "./shortcuts.js";
import { count } from "./words.js";

const PAGE = 50;
const SAID = { confirmed: "Confirmed", "not a match": "Not a match", unsure: "Unsure" };
const MEANWHILE = "Somebody else has decided this case meanwhile, as it says below. Decide again to replace that.";
const STATES = { waiting: "waiting", unsure: "unsure", confirmed: "confirmed", "not a match": "not a match", gone: "entry gone" };

class ReviewPage {
  #main = document.getElementById("content");
  #filter = document.getElementById("filter");
  #problem = document.getElementById("problem");
  #nothing = document.getElementById("nothing");
  #view = new CaseView();
  #queue = new Queue({ chosen: (found) => this.#show(found), load: (after) => this.#further(after) });
  #counts = {};
  #shown = null;
  #busy = false;

  async start() {
    const element = this.#view.element;
    for (const button of element.querySelectorAll("[data-decision]")) {
      button.addEventListener("click", () => this.#decide(button.dataset.decision));
    }
    part(element, "next").addEventListener("click", () => this.#move(1));
    part(element, "previous").addEventListener("click", () => this.#move(-1));
    this.#filter.addEventListener("submit", (event) => event.preventDefault());
    this.#filter.addEventListener("change", () => this.#load());
    document.getElementById("rename").addEventListener("click", () => this.#name({ again: true }));
    watchKeys(this.#keys, document.getElementById("shortcuts"));
    this.#tellName();
    const asked = new URLSearchParams(location.search);
    this.#filter.elements.state.value = asked.get("state") ?? "waiting";
    if (!this.#filter.elements.state.value) this.#filter.elements.state.value = "waiting";
    await offerCollections().catch((error) => this.#complain(error));
    statsShown().catch(() => null); // what goes wrong is said of the cases
    await this.#offerBanks(asked.get("bank") ?? "");
    await this.#load(Number(asked.get("case")));
  }

  get #keys() {
    const keys = document.getElementById("keys");
    return {
      y: () => this.#decide("confirmed"),
      n: () => this.#decide("not a match"),
      u: () => this.#decide("unsure"),
      j: () => this.#move(1),
      k: () => this.#move(-1),
      b: () => this.#view.toggle("blur"),
      g: () => this.#view.toggle("grey"),
      v: () => this.#view.turnMode(),
      t: () => part(this.#view.element, "turn").click(),
      "?": () => {
        keys.open = !keys.open;
        if (keys.open) keys.querySelector("summary").focus();
      },
    };
  }

  /** Fill the queue as the filter says, and look at a case: that of an id, else the first. */
  async #load(id = 0) {
    this.#complain(null);
    try {
      const page = await this.#page(0);
      this.#queue.fill(page);
      const wanted = id ? page.cases.find((each) => each.case_id === id) ?? (await ask(route(`reviews/${id}`))) : null;
      if (wanted && !page.cases.includes(wanted)) this.#queue.replace(wanted);
      this.#show(wanted ?? page.cases[0] ?? null);
    } catch (error) {
      this.#complain(error);
    }
  }

  async #page(after) {
    const { state, bank } = this.#filter.elements;
    const asked = new URLSearchParams({ state: state.value, after, limit: PAGE });
    if (bank.value) asked.set("bank", bank.value);
    const page = await ask(route(`reviews?${asked}`));
    this.#tellCounts(page.counts);
    return page;
  }

  /** A page behind the first; without cases, and to be asked for again, where the server has a problem. */
  async #further(after) {
    try {
      return await this.#page(after);
    } catch (error) {
      this.#complain(error);
      return { cases: [], next: after };
    }
  }

  async #offerBanks(wanted) {
    const { bank } = this.#filter.elements;
    const { banks } = await ask(route("banks")).catch(() => ({ banks: [] })); // who may not list them sees all
    bank.append(...banks.filter((each) => !each.negative).map((each) => new Option(each.name, each.name)));
    bank.value = banks.some((each) => each.name === wanted) ? wanted : "";
  }

  /** Look at a case; null: there is none. */
  #show(found) {
    this.#shown = found;
    this.#main.dataset.state = found ? "asked" : "nothing";
    this.#nothing.hidden = Boolean(found);
    this.#view.element.hidden = !found;
    this.#note(found);
    if (!found) {
      this.#tellNothing();
      return;
    }
    this.#queue.mark(found);
    this.#view.show(found, this.#placeOf(found));
    const deciding = this.#view.element.querySelector(".deciding"); // who goes on pressing its buttons stays there
    if (!deciding.contains(document.activeElement)) this.#view.title.focus({ preventScroll: true });
    scrollTo({ top: 0 });
    const at = this.#queue.cases.indexOf(found);
    prefetch(this.#queue.cases[at + 1]);
    this.#refresh(found);
  }

  /** Tell what others have decided of a case since it was listed. */
  async #refresh(found) {
    const now = await ask(route(`reviews/${found.case_id}`)).catch(() => found);
    if (this.#shown !== found || now.logged === found.logged) return;
    this.#count(found, now);
    this.#queue.replace(now);
    this.#queue.mark(now);
    this.#shown = now;
    this.#view.show(now, this.#placeOf(now));
  }

  async #decide(decision) {
    const found = this.#shown;
    if (!found || this.#busy) return;
    this.#busy = true;
    try {
      const who = await this.#name();
      if (!who) return;
      const replaces = found.logged ?? undefined;
      const decided = await post(route(`reviews/${found.case_id}/decision`), { decision, who, replaces });
      this.#complain(null);
      this.#count(found, decided);
      this.#queue.replace(decided);
      if (this.#shown === found) await this.#goOn(decided); // else the reader has gone on already
      const next = this.#shown ? ` Next: ${this.#view.title.textContent}.` : "";
      document.getElementById("said").textContent = `${SAID[decision]}. K goes back to it.${next}`;
    } catch (error) {
      if (error.status === 409) await this.#refresh(found); // the reader sees what another has decided
      this.#complain(error.status === 409 ? new Error(MEANWHILE) : error);
    } finally {
      this.#busy = false;
    }
  }

  /** After a decision: the next case that is still as the filter asks, in the queue or after it. */
  async #goOn(decided) {
    const wanted = this.#filter.elements.state.value;
    const at = this.#queue.cases.indexOf(decided);
    const open = (each) => each.state === wanted && each !== decided;
    let next = this.#queue.cases.slice(at + 1).find(open);
    if (!next) next = (await this.#queue.extend()).find(open) ?? this.#queue.cases.find(open);
    this.#show(next ?? null);
  }

  async #move(step) {
    const { cases } = this.#queue;
    const at = this.#shown ? cases.indexOf(this.#shown) : cases.length;
    if (at + step >= cases.length && step > 0) await this.#queue.extend();
    const next = cases[at + step];
    if (next) this.#show(next);
  }

  async #name(options) {
    const who = await askReviewer(options);
    this.#tellName();
    return who;
  }

  #tellName() {
    document.getElementById("reviewer").textContent = reviewer() || "nobody yet";
  }

  #placeOf(found) {
    const waits = this.#counts[found.state];
    return `Case ${count(found.case_id)} · ${count(waits)} ${STATES[found.state]}`;
  }

  #count(before, after) {
    const counts = { ...this.#counts };
    counts[before.state] -= 1;
    counts[after.state] += 1;
    this.#tellCounts(counts);
  }

  #tellCounts(counts) {
    this.#counts = counts;
    for (const option of this.#filter.elements.state.options) {
      option.textContent = `${STATES[option.value]} (${count(this.#counts[option.value])})`;
    }
  }

  #tellNothing() {
    const { state } = this.#filter.elements;
    const any = Object.values(this.#counts).some(Boolean);
    const waiting = state.value === "waiting";
    const title = document.getElementById("nothing-title");
    title.textContent = !waiting ? `No case is ${STATES[state.value]}` : any ? "All is decided" : "Nothing waits for review";
    const words = waiting && any ? "What you decided holds from the next check on." : "Cases come from checks that keep what a bank reports:";
    write(this.#nothing, "words", words);
    this.#nothing.querySelector(".command").hidden = waiting && any;
    title.focus({ preventScroll: true });
  }

  /** Let the address say what is shown, so that a reload or a link finds it. */
  #note(found) {
    const { state, bank } = this.#filter.elements;
    const asked = new URLSearchParams();
    if (chosen()) asked.set("collection", chosen());
    if (state.value !== "waiting") asked.set("state", state.value);
    if (bank.value) asked.set("bank", bank.value);
    if (found) asked.set("case", found.case_id);
    const query = asked.toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
  }

  #complain(problem) {
    this.#problem.hidden = !problem;
    this.#problem.textContent = problem?.message ?? "";
    if (problem) this.#problem.scrollIntoView({ block: "nearest" });
  }
}

new ReviewPage().start();
