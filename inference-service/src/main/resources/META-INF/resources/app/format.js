const whole = new Intl.NumberFormat('en');

/** Writes a count with thousands separated. */
export const count = (number) => whole.format(number);

/** Writes a share as per cent. */
export const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** Writes a duration in the unit that suits it. */
export function duration(seconds) {
  if (seconds < 1) {
    return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  }
  if (seconds < 90) {
    return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  }
  return `${Math.round(seconds / 60)} min`;
}

/** Writes the time of an event as the reader's clock has it. */
export const time = (iso) => new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Names a head by its checkpoint. */
export const head = (checkpoint) => (checkpoint ? `checkpoint ${checkpoint.slice(0, 8)}` : 'the model’s own head');
