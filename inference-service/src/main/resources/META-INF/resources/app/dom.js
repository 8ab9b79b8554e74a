/** Makes an element. Properties are set as attributes; what is null is left out; texts are never read as HTML. */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** Makes an SVG element. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

/** Returns the element with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Makes a list of facts, each a name and a value. */
export function facts(entries) {
  return element('dl', { class: 'facts' }, ...entries
    .filter(([, value]) => value != null)
    .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))));
}

/** Makes a table; a column is {title, number?, cell(row)}. */
export function table(caption, columns, rows) {
  const align = (column) => (column.number ? 'number' : null);
  return element('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': caption },
    element('table', {},
      element('thead', {}, element('tr', {}, ...columns.map((column) =>
        element('th', { scope: 'col', class: align(column) }, column.title)))),
      element('tbody', {}, ...rows.map((row) => element('tr', {}, ...columns.map((column) =>
        element('td', { class: align(column) }, column.cell(row))))))));
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null) {
      node.setAttribute(name, value);
    }
  }
  node.append(...children.filter((child) => child != null));
  return node;
}
