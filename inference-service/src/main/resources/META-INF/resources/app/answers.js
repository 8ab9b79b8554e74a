import { correction } from './correction.js';
import { byId, element, facts } from './dom.js';
import { count, duration, head, percent } from './format.js';
import { Passages } from './passages.js';

const LONGEST_WAIT = 60_000;

/** Asks questions and shows their answers. */
export class Answers {
  #form = byId('ask');
  #button = this.#form.querySelector('button');
  #question = byId('question');
  #mode = byId('mode');
  #count = byId('count');
  #error = byId('ask-error');
  #answer = byId('answer');
  #passages = new Passages((question) => this.#suggest(question));

  start() {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#ask();
    });
    return this.#passages.load();
  }

  #suggest(question) {
    this.#question.value = question ?? '';
    this.#fail(null);
    this.#say(element('p', { class: 'quiet' }, 'The answer appears here, and in the passage where it stands there.'));
  }

  async #ask() {
    const question = this.#question.value.trim();
    const context = this.#passages.context;
    this.#fail(context.trim() ? question ? null : 'Write a question first.' : 'Paste a passage first.');
    if (!question || !context.trim()) {
      return;
    }
    this.#button.disabled = true;
    this.#passages.highlight(null);
    this.#say(element('p', { class: 'quiet' }, 'Reading…'));
    try {
      const reply = await fetch('v1/answers', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ question, context, mode: this.#mode.value, parameters: this.#parameters() }),
        signal: AbortSignal.timeout(LONGEST_WAIT),
      });
      const body = await reply.json();
      if (reply.ok) {
        this.#show(question, context, body);
      } else {
        this.#fail(body.detail ?? body.title);
        this.#say();
      }
    } catch {
      this.#fail('The service does not answer. Is it running?');
      this.#say();
    } finally {
      this.#button.disabled = false;
    }
  }

  /** Several answers need as many beams; quotations get them by themselves. */
  #parameters() {
    const wanted = Number(this.#count.value);
    return this.#mode.value === 'free' ? { num_return_sequences: wanted, num_beams: wanted } : { num_return_sequences: wanted };
  }

  #show(question, context, answer) {
    const stands = answer.start != null;
    this.#passages.highlight(stands ? answer : null);
    this.#say(
      element('p', { class: 'text' }, answer.answer || 'No answer'),
      facts([
        ['Score', percent(answer.score)],
        ['Answered by', head(answer.checkpoint)],
        ['In', duration(answer.timings.total_ms / 1000)],
        ['Decoding steps', count(answer.decoding_steps)],
      ]),
      stands || !answer.answer ? null : element('p', { class: 'note' }, 'These words do not stand in the passage.'),
      answer.truncated ? element('p', { class: 'note' }, 'The passage is longer than the model reads: its end did not count.') : null,
      answer.finish_reason === 'length' ? element('p', { class: 'note' }, 'The answer was cut at the limit of its length.') : null,
      answer.alternatives.length ? this.#alternatives([answer, ...answer.alternatives]) : null,
      correction(question, context, answer.answer));
  }

  /** Lists all answers; choosing one marks it in the passage. */
  #alternatives(answers) {
    return element('ol', { class: 'alternatives', 'aria-label': 'All answers' }, ...answers.map((each) => {
      const stands = each.start != null;
      const choose = element('button', { class: 'plain', type: 'button' }, each.answer || 'No answer');
      choose.disabled = !stands;
      choose.addEventListener('click', () => this.#passages.highlight(each));
      return element('li', {}, choose, element('span', { class: 'score' }, percent(each.score)));
    }));
  }

  #say(...content) {
    this.#answer.replaceChildren(...content.filter((child) => child != null));
  }

  #fail(text) {
    this.#error.hidden = text == null;
    this.#error.textContent = text ?? '';
    this.#question.setAttribute('aria-invalid', String(text != null));
  }
}
