import { element } from './dom.js';

/** Makes the form under an answer that takes the right one. */
export function correction(question, context, answer) {
  const right = element('input', { type: 'text', maxlength: '4096', autocomplete: 'off', 'aria-label': 'The right answer, in words of the passage' });
  right.value = answer;
  const send = element('button', { type: 'submit', class: 'plain' }, 'Send');
  const said = element('p', { class: 'note', role: 'status' });
  const form = element('form', { novalidate: '' }, element('div', { class: 'row' }, right, send), said);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    send.disabled = true;
    said.textContent = '';
    try {
      said.textContent = await post({ question, context, answer: right.value.trim() });
    } catch {
      said.textContent = 'The service does not answer. Is it running?';
    }
    send.disabled = false;
  });
  return element('details', { class: 'correction' }, element('summary', {}, 'Correct this answer'), form);
}

async function post(body) {
  const reply = await fetch('v1/feedback', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return reply.ok ? 'Taken. The next head learns it, if the gate lets it live.' : (await reply.json()).detail;
}
