// Builds elements. Texts are always set as text, never as HTML.

const icons = new URL('vendor/lucide-1.62.0/icons.svg', import.meta.url).href;
const SVG = 'http://www.w3.org/2000/svg';

/**
 * Returns a new element. Properties: `on…` adds a listener, `class` sets the classes, `false`, `null` and `undefined` are left
 * out, `true` sets an empty attribute, everything else is an attribute.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node|string|number|null|undefined|false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** Returns an icon, which screen readers skip. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${icons}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * Returns a button with an icon only.
 *
 * @param {string} name The icon.
 * @param {string} label
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, any>} [more]
 */
export function iconButton(name, label, onclick, more = {}) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick, ...more }, icon(name));
}

/**
 * Returns a button with a text.
 *
 * @param {string} text
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, any>} [more]
 */
export function button(text, onclick, more = {}) {
  return h('button', { type: 'button', class: 'button', onclick, ...more }, text);
}

/**
 * Replaces the children of an element, and returns it.
 *
 * @template {Element} T
 * @param {T} element
 * @param {...(Node|string|null|false)} children
 * @returns {T}
 */
export function fill(element, ...children) {
  element.replaceChildren(.../** @type {(Node|string)[]} */ (children.filter((child) => child !== null && child !== false)));
  return element;
}

/**
 * Makes the children of an element these nodes, in this order, and moves as few as possible.
 *
 * @param {Element} parent
 * @param {Element[]} nodes
 */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let at = parent.firstElementChild;
  for (const node of nodes) {
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
}

/** Whether the focus is where a person types. @param {EventTarget|null} target */
export function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** Loads a style sheet of the app once. @param {string} name Its path in this folder. */
export function style(name) {
  const href = new URL(name, import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    const link = h('link', { rel: 'stylesheet', href, onload: resolve, onerror: () => {
      // The next page that needs it tries again.
      link.remove();
      resolve(undefined);
    } });
    document.head.append(link);
  });
}

/** Says something to screen readers. @param {string} text */
export function announce(text) {
  const region = document.getElementById('announcer');
  if (!region) return;
  // The same text twice is announced only if it changes.
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}
