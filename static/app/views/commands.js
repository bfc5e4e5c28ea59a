// The keys that work everywhere. Search and shortcuts are loaded when they are first used.

import { isTyping } from '../dom.js';
import { go } from '../router.js';
import { undo } from '../store.js';

/** Milliseconds between the two keys of `G B`. */
const PAUSE = 1000;

/** Opens the search. */
export function commands() {
  return import('./palette.js').then((module) => module.palette());
}

/** Listens to the keys that work everywhere. */
export function globalKeys() {
  let before = 0;
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return;
    const isMain = event.ctrlKey || event.metaKey;
    if (isMain && !event.shiftKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      commands();
    }
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
    if (isMain && !event.shiftKey && event.key.toLowerCase() === 'z') {
      event.preventDefault();
      undo();
    }
    if (isMain || event.altKey) return;
    if (Date.now() - before < PAUSE) {
      before = 0;
      const path = { b: '/app', m: '/app/tasks' }[event.key];
      if (path) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return go(path);
      }
    }
    if (event.key === 'g') before = Date.now();
    if (event.key === '/') {
      event.preventDefault();
      commands();
    } else if (event.key === '?') {
      event.preventDefault();
      import('./shortcuts.js').then((module) => module.shortcuts());
    }
  }, true);
}
