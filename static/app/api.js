// Requests to the API, with the cookie of the session.

/** The shortest wait before a request that failed is sent again, in milliseconds. */
const SHORTEST_WAIT = 5000;

/** An error response, or a server that could not be reached (status 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {any} [details]
   * @param {number} [retryAfter] Seconds.
   */
  constructor(status, code, message, details = {}, retryAfter = 0) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details ?? {};
    this.retryAfter = retryAfter;
  }

  /** Whether the same request can succeed later. */
  get isTemporary() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  /** Milliseconds to wait before the same request is sent again. */
  get wait() {
    return Math.max(SHORTEST_WAIT, this.retryAfter * 1000);
  }

  /** Messages by field, for forms. @returns {Record<string, string>} */
  get fields() {
    return this.details.fields ?? {};
  }
}

let workspace = '';
let sessionEnded = () => {};

/** Calls a function when a request shows that the session has ended. @param {() => void} listener */
export function onSessionEnd(listener) {
  sessionEnded = listener;
}

/** Names the workspace of all further requests. @param {string} id */
export function useWorkspace(id) {
  workspace = id;
}

/**
 * Sends a request.
 *
 * @param {string} method
 * @param {string} path
 * @param {{ body?: any, key?: string, etag?: string, signal?: AbortSignal, workspace?: string, keepalive?: boolean }} [options]
 * @returns {Promise<{ body: any, etag: string|null }>}
 */
export async function send(method, path, options = {}) {
  const response = await open(method, path, options);
  const text = await response.text().catch(() => {
    throw new ApiError(0, 'offline', 'The connection was lost');
  });
  const body = text === '' ? {} : parse(text);
  // Not from this server: a network that wants a sign-in of its own answers everything with a page.
  if (body === undefined) throw new ApiError(0, 'offline', 'The server cannot be reached');
  return { body, etag: response.headers.get('etag') };
}

/** Sends a GET request and returns its body. @param {string} path @param {AbortSignal} [signal] @returns {Promise<any>} */
export async function get(path, signal) {
  return (await send('GET', path, { signal })).body;
}

/**
 * Sends a request and returns the response once its headers have arrived. A body that is a file is sent as it is.
 *
 * @param {string} method
 * @param {string} path
 * @param {{ body?: any, key?: string, etag?: string, signal?: AbortSignal, workspace?: string, keepalive?: boolean }} options
 */
export async function open(method, path, options = {}) {
  /** @type {Record<string, string>} */
  const headers = { accept: path.includes('/stream') ? 'text/event-stream' : 'application/json' };
  const named = options.workspace ?? workspace;
  if (named) headers['x-workspace'] = named;
  if (options.key) headers['idempotency-key'] = options.key;
  if (options.etag) headers['if-match'] = options.etag;
  const isFile = options.body instanceof Blob;
  if (options.body !== undefined) headers['content-type'] = isFile ? options.body.type : 'application/json';
  const body = isFile ? options.body : JSON.stringify(options.body);
  let response;
  try {
    const { signal, keepalive } = options;
    response = await fetch(path, { method, headers, body, signal, keepalive, credentials: 'same-origin', cache: 'no-store' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'offline', 'The server cannot be reached');
  }
  if (response.ok) return response;
  const failed = parse(await response.text().catch(() => ''))?.error ?? {};
  if (response.status === 401) sessionEnded();
  const wait = Number(response.headers.get('retry-after')) || 0;
  throw new ApiError(response.status, failed.code ?? 'unknown', failed.message ?? `The server returned ${response.status}`, failed.details, wait);
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
