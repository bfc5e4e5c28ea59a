// Parses Server-Sent Events. Pure.

/**
 * Returns a function that takes pieces of a stream and returns the events that they complete. An event without data only
 * has an id.
 *
 * @returns {(chunk: string) => { id: string, event: string, data: string }[]}
 */
export function sseParser() {
  let rest = '';
  return (chunk) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks.map(parsed).filter((event) => event.id !== '' || event.data !== '');
  };
}

/** @param {string} block */
function parsed(block) {
  const event = { id: '', event: '', data: '' };
  for (const line of block.split('\n')) {
    const at = line.indexOf(':');
    const name = line.slice(0, at);
    const value = line.slice(at + 1).replace(/^ /, '');
    if (at > 0 && (name === 'id' || name === 'event' || name === 'data')) event[name] = value;
  }
  return event;
}
