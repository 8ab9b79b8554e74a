import { byId, element, table } from './dom.js';
import { head, time } from './format.js';

const EVENTS = { created: 'created', promoted: 'promoted', rejected: 'rejected', rolled_back: 'rolled back' };

/** Shows what answers now, what happened to the checkpoints, and goes back to the one before. */
export class Checkpoints {
  #place = byId('checkpoints');
  #model = byId('model');
  #events = [];
  #state = null;
  #error = null;

  /** Takes an event of the topic of checkpoints. */
  take(event) {
    this.#events = [event, ...this.#events].slice(0, 6);
    this.#draw();
  }

  /** Takes the state of the service that sent this page. */
  takeState(state) {
    this.#state = state;
    const name = state.model.split('/').at(-1);
    this.#model.replaceChildren(
      element('strong', {}, name), ` answers with ${head(state.checkpoint)} since ${time(state.since)}`);
    this.#draw();
  }

  /** Forgets what was told before, since all of it is told again. */
  reset() {
    this.#events = [];
  }

  #draw() {
    const refused = this.#state?.refused?.[0];
    const rejected = this.#events[0]?.type === 'rejected' ? this.#events[0] : null;
    this.#place.replaceChildren(...[
      this.#events.length ? table('Checkpoints', this.#columns(), this.#events)
        : element('p', { class: 'quiet' }, 'No checkpoint yet: the model answers with its own head.'),
      rejected ? element('p', { class: 'note' }, `The gate kept ${rejected.checkpoint.id.slice(0, 8)} out: ${rejected.reason}`) : null,
      refused ? element('p', { class: 'error' }, `Checkpoint ${refused.checkpoint} was refused: ${refused.reason}`) : null,
      this.#canGoBack() ? this.#button() : null,
      this.#error ? element('p', { class: 'error', role: 'alert' }, this.#error) : null,
    ].filter((child) => child != null));
  }

  #columns() {
    const live = this.#state?.checkpoint;
    return [
      { title: 'Time', cell: (event) => time(event.at) },
      {
        title: 'Checkpoint',
        cell: (event) => element('code', { title: event.checkpoint.id }, event.checkpoint.id.slice(0, 8)),
      },
      {
        title: 'Event',
        cell: (event) => (event === this.#events[0] && event.live?.id === live && event.checkpoint.id === live
          ? element('span', { class: 'live' }, 'live') : EVENTS[event.type] ?? event.type),
      },
      { title: 'Exact', number: true, cell: (event) => event.metrics?.exact?.toFixed(1) ?? '' },
      { title: 'F1', number: true, cell: (event) => event.metrics?.f1?.toFixed(1) ?? '' },
    ];
  }

  #canGoBack() {
    return this.#events.length && this.#state && this.#state.checkpoint !== this.#state.previous;
  }

  #button() {
    const button = element('button', { type: 'button', class: 'plain' }, `Go back to ${head(this.#state.previous)}`);
    button.addEventListener('click', async () => {
      button.disabled = true;
      this.#error = null;
      try {
        const reply = await fetch('v1/model/rollback', { method: 'POST' });
        this.#error = reply.ok ? null : (await reply.json()).detail;
      } catch {
        this.#error = 'The service does not answer. Is it running?';
      }
      this.#draw();
    });
    return element('p', {}, button);
  }
}
