// Keys of requests that create something.

import { newKey } from './db.js';

/**
 * The Idempotency-Key of a form: the same as long as the body stays the same. If a response is lost, sending the form again creates
 * nothing twice.
 */
export function formKey() {
  let last = '';
  let key = '';
  return (/** @type {any} */ body) => {
    const text = JSON.stringify(body);
    if (text !== last) key = newKey();
    last = text;
    return key;
  };
}
