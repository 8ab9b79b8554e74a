import { byId, element, table } from './dom.js';
import { count } from './format.js';

const COLUMNS = [
  { title: 'Name', cell: (event) => element('code', {}, event.dataset) },
  { title: 'Written', number: true, cell: (event) => count(written(event)) },
  { title: 'Rejected', number: true, cell: (event) => count(event.rejected ?? 0) },
  {
    title: 'State',
    cell: (event) => element('span', { class: event.state === 'failed' ? 'bad' : null, title: event.message }, event.state),
  },
];

/** Shows the data sets, the last touched first. */
export class Datasets {
  #place = byId('datasets');
  #events = new Map();

  /** Takes an event of the topic of data sets. */
  take(event) {
    this.#events.delete(event.dataset);
    this.#events.set(event.dataset, event);
    this.#place.replaceChildren(table('Data sets', COLUMNS, [...this.#events.values()].reverse().slice(0, 8)));
  }
}

function written(event) {
  return Object.values(event.records ?? {}).reduce((sum, part) => sum + part, 0);
}
