// Reads comma-separated values (RFC 4180), also with semicolons or tabs. Pure.

const DELIMITERS = [',', ';', '\t'];

/** The delimiter that the first line uses most, outside of quotes. @param {string} text */
export function delimiterOf(text) {
  const line = (text.split(/\r?\n/).find((one) => one.trim() !== '') ?? '').replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length - 1);
  const most = Math.max(...counts);
  return most === 0 ? ',' : DELIMITERS[counts.indexOf(most)];
}

/**
 * The records of a text with the line that each begins on. Blank lines are left out.
 *
 * @param {string} text
 * @param {string} [delimiter]
 * @returns {{ line: number, values: string[], isOpen?: boolean }[]} `isOpen`: a quote in it does not end.
 */
export function parseCsv(text, delimiter = delimiterOf(text)) {
  const source = text.replace(/^\uFEFF/, '');
  const records = /** @type {{ line: number, values: string[], isOpen?: boolean }[]} */ ([]);
  let values = /** @type {string[]} */ ([]);
  let value = '';
  let isQuoted = false;
  let line = 1;
  let begin = 1;
  const endRecord = () => {
    values.push(value.trim());
    if (values.some(Boolean)) records.push({ line: begin, values, ...(isQuoted ? { isOpen: true } : {}) });
    values = [];
    value = '';
    begin = line;
  };
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at];
    if (character === '\n') line += 1;
    if (isQuoted) {
      if (character !== '"') value += character;
      else if (source[at + 1] === '"') {
        value += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && value.trim() === '') {
      value = '';
      isQuoted = true;
    } else if (character === delimiter) {
      values.push(value.trim());
      value = '';
    } else if (character === '\n') endRecord();
    else if (character !== '\r') value += character;
  }
  endRecord();
  return records;
}
