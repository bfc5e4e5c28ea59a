// What the browser keeps: changes that were not sent, and choices. Everything stays in memory if the browser has no storage.

/**
 * An object store of its own database. Its function runs something on the store; it does nothing without a database.
 *
 * @param {string} name
 * @param {string} keyPath
 */
export function objectStore(name, keyPath) {
  /** @type {Promise<IDBDatabase|null>|undefined} */
  let opened;
  const database = () => {
    opened ??= new Promise((resolve) => {
      try {
        const request = indexedDB.open(name, 1);
        request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath });
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => resolve(null);
        request.onblocked = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
    return opened;
  };
  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<T>|void} work
   * @returns {Promise<T|undefined>}
   */
  const run = async (mode, work) => {
    const db = await database();
    if (!db) return undefined;
    return new Promise((resolve) => {
      try {
        const transaction = db.transaction(STORE, mode);
        const request = work(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(request ? request.result : undefined);
        transaction.onerror = () => resolve(undefined);
        transaction.onabort = () => resolve(undefined);
      } catch {
        resolve(undefined);
      }
    });
  };
  return run;
}

const STORE = 'rows';
const run = objectStore('tackboard', 'key');

/** Keeps rows. @param {any[]} rows */
export const keep = (rows) => run('readwrite', (store) => {
  for (const row of rows) store.put(row);
});

/** Forgets rows. @param {string[]} keys */
export const forget = (keys) => run('readwrite', (store) => {
  for (const key of keys) store.delete(key);
});

/** All rows. @returns {Promise<any[]>} */
export const kept = async () => (await run('readonly', (store) => store.getAll())) ?? [];

const PREFIX = 'tackboard:';

/** Keeps a small value under a name, in this browser. @param {string} name @param {any} value Undefined forgets it. */
export function remember(name, value) {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Without storage it is gone after a reload.
  }
}

/** A value that was kept. @param {string} name @param {any} [otherwise] @returns {any} */
export function recall(name, otherwise) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/** A new random key. `crypto.randomUUID` needs a secure context. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(36).padStart(2, '0')).join('');
}
