// The add view: pictures sent to the collection a few at a time, with what became of each.

import { post } from "./api.js";
import { showThumbnail } from "./images.js";
import { watchIntake } from "./intake.js";
import { part, stamp, write } from "./parts.js";
import { ofImage } from "./queries.js";
import { route } from "./routes.js";
import { count, counted } from "./words.js";

const AT_ONCE = 4;

export class AddView {
  element = document.getElementById("view-add");
  #panel = document.getElementById("adding");
  #bar = this.#panel.querySelector("progress");
  #list = this.#panel.querySelector("ol");
  #status = document.getElementById("add-status");
  #waiting = [];
  #tally = { all: 0, added: 0, known: 0, rejected: 0 };
  #running = null;

  /** `page`: the page, for what goes beyond this view. */
  constructor(page) {
    this.page = page;
    watchIntake(document.getElementById("add-intake"), (queries) => this.take(queries));
    part(this.#panel, "stop").addEventListener("click", () => this.#running?.abort());
  }

  /** Add the files among these; those that come while others are on their way wait for them. */
  take(queries) {
    const files = queries.filter((query) => query.kind === "file").map((query) => query.file);
    this.page.complain(files.length ? null : new Error("Only files can be added here, not addresses."));
    if (!files.length) return;
    if (!this.#running) this.#tally = { all: 0, added: 0, known: 0, rejected: 0 };
    this.#waiting.push(...files);
    this.#tally.all += files.length;
    this.#panel.hidden = false;
    this.#tell();
    if (!this.#running) this.#send();
  }

  async #send() {
    this.#running = new AbortController();
    part(this.#panel, "stop").hidden = false;
    try {
      while (this.#waiting.length) {
        const files = this.#waiting.splice(0, AT_ONCE);
        this.#show(await post(route("images"), { files }, this.#running.signal));
        this.#tell();
      }
    } catch (error) {
      this.#waiting = [];
      if (!this.#running.signal.aborted) this.page.complain(error);
    }
    this.#running = null;
    part(this.#panel, "stop").hidden = true;
    this.#tell();
    this.page.refresh();
  }

  #show({ added, rejected }) {
    for (const each of added) {
      this.#tally[each.new ? "added" : "known"] += 1;
      const item = entry(each.name, each.new ? "added" : "was there already");
      showThumbnail(item.querySelector("img"), each.image_id);
      const again = part(item, "again");
      again.hidden = false;
      again.setAttribute("aria-label", `Search by this: ${each.name}`);
      again.addEventListener("click", () => this.page.search(ofImage(each.image_id, each.name)));
      this.#list.prepend(item);
    }
    for (const each of rejected) {
      this.#tally.rejected += 1;
      const item = entry(each.name, each.reason);
      item.classList.add("rejected");
      this.#list.prepend(item);
    }
  }

  #tell() {
    const { all, added, known, rejected } = this.#tally;
    const done = added + known + rejected;
    this.#bar.max = all;
    this.#bar.value = done;
    const parts = [`${counted(added, "picture")} added`];
    if (known) parts.push(`${count(known)} there already`);
    if (rejected) parts.push(`${count(rejected)} rejected`);
    const left = all - done;
    if (left) parts.push(`${count(left)} ${this.#running || this.#waiting.length ? "to go" : "not sent"}`);
    this.#status.textContent = `${parts.join(", ")}.`;
  }
}

function entry(name, outcome) {
  const item = stamp("entry");
  write(item, "name", name);
  write(item, "outcome", outcome);
  return item;
}
