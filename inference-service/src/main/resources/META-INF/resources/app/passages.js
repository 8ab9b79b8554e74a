import { byId, element } from './dom.js';

const OWN = 'own';

/** The passage that is asked: a bundled one, or the reader's own. */
export class Passages {
  #select = byId('sample');
  #own = byId('context');
  #ownField = byId('own-field');
  #shown = byId('passage');
  #suggestions = byId('suggestions');
  #samples = [];
  #changed;

  /** @param changed called with a first question, or null, when another passage is chosen */
  constructor(changed) {
    this.#changed = changed;
    this.#select.addEventListener('change', () => this.#choose());
    this.#own.addEventListener('input', () => this.highlight(null));
  }

  /** Fetches the bundled passages; without them, the reader can still paste one. */
  async load() {
    try {
      const reply = await fetch('app/passages.json');
      this.#samples = reply.ok ? await reply.json() : [];
    } catch {
      this.#samples = [];
    }
    this.#select.replaceChildren(
      ...this.#samples.map((sample, index) => element('option', { value: String(index) }, sample.title)),
      element('option', { value: OWN }, 'A passage of your own…'));
    this.#choose();
  }

  /** Returns the text of the passage. */
  get context() {
    return this.#isOwn() ? this.#own.value : this.#samples[Number(this.#select.value)].context;
  }

  /** Shows the passage with the code points from start to end marked; null marks nothing. */
  highlight(span) {
    const text = this.context;
    this.#shown.hidden = this.#isOwn() && !span;
    if (!span) {
      this.#shown.replaceChildren(text);
      return;
    }
    const points = Array.from(text);
    const mark = element('mark', {}, points.slice(span.start, span.end).join(''));
    this.#shown.replaceChildren(points.slice(0, span.start).join(''), mark, points.slice(span.end).join(''));
    mark.scrollIntoView({ block: 'nearest' });
  }

  #isOwn() {
    return this.#select.value === OWN;
  }

  #choose() {
    this.#ownField.hidden = !this.#isOwn();
    const questions = this.#isOwn() ? [] : this.#samples[Number(this.#select.value)].questions;
    this.#suggestions.replaceChildren(...questions.map((question) => element('option', { value: question })));
    this.highlight(null);
    this.#changed(questions[0] ?? null);
  }
}
