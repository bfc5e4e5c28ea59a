// Due dates and times, in words. Pure but for the clock in `today`.

const DAY = 86_400_000;
const parse = (/** @type {string} */ date) => Date.parse(`${date}T00:00:00Z`);

/** The present date where the person is, as YYYY-MM-DD. @param {Date} [now] */
export function today(now = new Date()) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** A date some days later. @param {string} date @param {number} days */
export const plusDays = (date, days) => new Date(parse(date) + days * DAY).toISOString().slice(0, 10);

/** Days from one date to another. @param {string} from @param {string} to */
export const daysBetween = (from, to) => Math.round((parse(to) - parse(from)) / DAY);

/** A due date in few words. @param {string} date @param {string} now The present date. @param {string} [locale] */
export function dueText(date, now, locale) {
  const days = daysBetween(now, date);
  if (days === 0) return 'Today';
  if (days === 1) return 'Tomorrow';
  if (days === -1) return 'Yesterday';
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { day: 'numeric', month: 'short', timeZone: 'UTC' };
  if (date.slice(0, 4) !== now.slice(0, 4)) options.year = 'numeric';
  else if (days > 1 && days < 7) return new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(parse(date));
  return new Intl.DateTimeFormat(locale, options).format(parse(date));
}

/** How urgent a due date is. @param {string|null} date @param {string} now @param {number} status @returns {''|'overdue'|'today'|'soon'} */
export function urgency(date, now, status) {
  if (!date || status === 2) return '';
  const days = daysBetween(now, date);
  return days < 0 ? 'overdue' : days === 0 ? 'today' : days <= 2 ? 'soon' : '';
}

/** How long ago something was. @param {string} time ISO 8601. @param {number} now Milliseconds. @param {string} [locale] */
export function ago(time, now, locale) {
  const seconds = Math.round((Date.parse(time) - now) / 1000);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const size = Math.abs(seconds);
  if (size < 45) return 'just now';
  if (size < 3600) return format.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return format.format(Math.round(seconds / 3600), 'hour');
  if (size < 7 * 86_400) return format.format(Math.round(seconds / 86_400), 'day');
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' }).format(Date.parse(time));
}

/** A date, such as 3 May 2026. @param {string} time ISO 8601. @param {string} [locale] */
export const dateText = (time, locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' }).format(Date.parse(time));

/** A date and time. @param {string} time ISO 8601. @param {string} [locale] */
export const timeText = (time, locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(Date.parse(time));
