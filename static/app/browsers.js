// Names a browser and its system by what it sends as User-Agent. Pure.

/** The first that is found counts: Edge and Opera also say that they are Chrome. @type {[RegExp, string][]} */
const BROWSERS = [[/Edg/, 'Edge'], [/OPR|Opera/, 'Opera'], [/SamsungBrowser/, 'Samsung Internet'], [/Firefox|FxiOS/, 'Firefox'], [/Chrome|CriOS|Chromium/, 'Chrome'], [/Safari/, 'Safari'], [/curl/, 'curl']];
/** @type {[RegExp, string][]} */
const SYSTEMS = [[/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux|X11/, 'Linux']];

/** @param {string|null} agent */
export function browserOf(agent) {
  const find = (/** @type {[RegExp, string][]} */ list) => list.find(([pattern]) => pattern.test(agent ?? ''))?.[1];
  const browser = find(BROWSERS);
  const system = find(SYSTEMS);
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? 'Unknown browser';
}
