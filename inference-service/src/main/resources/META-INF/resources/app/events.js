/**
 * Follows the service's events and comes again when the stream ends.
 *
 * @param takers a function for each kind of event, by name
 * @param connected called with true or false
 */
export function follow(takers, connected) {
  const source = new EventSource('v1/events');
  source.addEventListener('open', () => connected(true));
  source.addEventListener('error', () => {
    connected(false);
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => follow(takers, connected), 5_000);
    }
  });
  for (const [name, take] of Object.entries(takers)) {
    source.addEventListener(name, (event) => take(JSON.parse(event.data)));
  }
}
