// The public conformance suite also tests what this server does not offer: prompts, resources, sampling and more. This server
// in front of the product adds the tools, prompts and resources that the suite expects. Every message goes to the product
// first. Only what the product does not know is answered here, so the product does all checks of messages, revisions, headers,
// origins and methods.
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, request } from 'node:http';

const PREFIX = 'io.modelcontextprotocol/';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const SILENCE = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=';
const SECRET = randomUUID();

const text = (words) => ({ type: 'text', text: words });
const image = { type: 'image', data: PIXEL, mimeType: 'image/png' };
const embedded = (uri, mimeType, words) => ({ type: 'resource', resource: { uri, mimeType, text: words } });
const content = (...parts) => ({ content: parts });
const pause = () => new Promise((resume) => setTimeout(resume, 50));

const elicit = (message, properties, required = Object.keys(properties)) =>
  ({ method: 'elicitation/create', params: { mode: 'form', message, requestedSchema: { type: 'object', properties, required } } });
const sample = (words, maxTokens = 100) =>
  ({ method: 'sampling/createMessage', params: { messages: [{ role: 'user', content: text(words) }], maxTokens } });
const roots = { method: 'roots/list', params: {} };
const needs = (inputRequests, requestState) => ({ resultType: 'input_required', inputRequests, ...(requestState && { requestState }) });

/** A state that cannot be changed unnoticed. */
const sign = (state) => `${state}.${createHmac('sha256', SECRET).update(state).digest('hex')}`;
function signed(state, expected) {
  if (state !== sign(expected)) throw { code: -32602, message: 'Invalid requestState' };
}

const askName = elicit('What is your name?', { name: { type: 'string' } });

/** Tools by name. Each gets the parameters, and what can send messages while it runs. */
const TOOLS = {
  test_simple_text: () => content(text('This is a simple text response for testing.')),
  test_image_content: () => content(image),
  test_audio_content: () => content({ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }),
  test_embedded_resource: () => content(embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')),
  test_multiple_content_types: () => content(text('Multiple content types test:'), image,
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}')),
  test_error_handling: () => ({ ...content(text('This tool intentionally returns an error for testing')), isError: true }),
  test_tool_with_logging: async (params, stream) => {
    for (const words of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      stream.notify('notifications/message', { level: 'info', data: words });
      await pause();
    }
    return content(text('Logged three messages'));
  },
  test_logging_tool: (params, stream) => {
    if (params._meta?.[`${PREFIX}logLevel`]) stream.notify('notifications/message', { level: 'info', data: 'A message' });
    return content(text('Done'));
  },
  test_tool_with_progress: async (params, stream) => {
    const progressToken = params._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) stream.notify('notifications/progress', { progressToken, progress, total: 100 });
      await pause();
    }
    return content(text('Reported progress'));
  },
  test_sampling: async ({ arguments: { prompt } }, stream) => {
    const answer = await stream.ask(sample(prompt));
    return content(text(`LLM response: ${answer.content.text}`));
  },
  test_elicitation: async ({ arguments: { message } }, stream) => {
    const field = (description) => ({ type: 'string', description });
    const answer = await stream.ask(elicit(message, { username: field("User's response"), email: field("User's email address") }));
    return content(text(`User response: action: ${answer.action}, content: ${JSON.stringify(answer.content)}`));
  },
  test_elicitation_sep1034_defaults: async (params, stream) => completed(await stream.ask(elicit('Please check', {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  }, []))),
  test_elicitation_sep1330_enums: async (params, stream) => {
    const options = ['option1', 'option2', 'option3'];
    const titled = (titles) => titles.map((title, at) => ({ const: `value${at + 1}`, title }));
    return completed(await stream.ask(elicit('Please choose', {
      untitledSingle: { type: 'string', enum: options },
      titledSingle: { type: 'string', oneOf: titled(['First Option', 'Second Option', 'Third Option']) },
      legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
      untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
      titledMulti: { type: 'array', items: { anyOf: titled(['First Choice', 'Second Choice', 'Third Choice']) } },
    }, [])));
  },
  test_missing_capability: (params) => {
    require(params, 'sampling');
    return content(text('The client can sample'));
  },
  test_streaming_elicitation: (params) => {
    require(params, 'elicitation');
    return needs({ user_name: askName });
  },
  test_input_required_result_elicitation: ({ inputResponses }) => {
    const name = inputResponses?.user_name?.content?.name;
    return typeof name === 'string' ? content(text(`Hello, ${name}!`)) : needs({ user_name: askName });
  },
  test_input_required_result_sampling: ({ inputResponses }) => {
    const answer = inputResponses?.capital_question;
    return answer ? content(text(answer.content?.text ?? 'no text')) : needs({ capital_question: sample('What is the capital of France?') });
  },
  test_input_required_result_list_roots: ({ inputResponses }) => {
    const answer = inputResponses?.client_roots;
    return answer ? content(text(`Roots: ${JSON.stringify(answer.roots)}`)) : needs({ client_roots: roots });
  },
  test_input_required_result_request_state: ({ inputResponses, requestState }) => {
    if (!inputResponses?.confirm) return needs({ confirm: elicit('Please confirm', { ok: { type: 'boolean' } }) }, sign('confirm'));
    signed(requestState, 'confirm');
    return content(text('state-ok'));
  },
  test_input_required_result_multiple_inputs: ({ inputResponses, requestState }) => {
    const wanted = { user_name: askName, greeting: sample('Generate a greeting', 50), client_roots: roots };
    if (!Object.keys(wanted).every((key) => inputResponses?.[key])) return needs(wanted, sign('many'));
    signed(requestState, 'many');
    return content(text('All three arrived'));
  },
  test_input_required_result_multi_round: ({ inputResponses, requestState }) => {
    if (inputResponses?.step2) {
      signed(requestState, 'two');
      return content(text('Both rounds are done'));
    }
    if (inputResponses?.step1) {
      signed(requestState, 'one');
      return needs({ step2: elicit('Step 2: What is your favorite color?', { color: { type: 'string' } }) }, sign('two'));
    }
    return needs({ step1: elicit('Step 1: What is your name?', { name: { type: 'string' } }) }, sign('one'));
  },
  test_input_required_result_tampered_state: ({ inputResponses, requestState }) => {
    if (requestState === undefined && !inputResponses) return needs({ confirm: elicit('Please confirm', { ok: { type: 'boolean' } }) }, sign('safe'));
    signed(requestState, 'safe');
    return content(text('state-ok'));
  },
  test_input_required_result_capabilities: (params) => {
    const all = { elicitation: { user_name: askName }, sampling: { question: sample('What now?') }, roots: { client_roots: roots } };
    const can = Object.keys(all).filter((name) => capabilities(params)[name]);
    if (params.inputResponses || can.length === 0) return content(text('Done'));
    return needs(Object.assign({}, ...can.map((name) => all[name])));
  },
};

const completed = ({ action, content: values }) => content(text(`Elicitation completed: action=${action}, content=${JSON.stringify(values)}`));
const capabilities = (params) => params._meta?.[`${PREFIX}clientCapabilities`] ?? {};

function require(params, name) {
  if (!capabilities(params)[name]) {
    throw { status: 400, code: -32021, message: `Missing required client capability: ${name}`, data: { requiredCapabilities: { [name]: {} } } };
  }
}

/** Arguments that tools require. */
const REQUIRED = { test_sampling: 'prompt', test_elicitation: 'message' };

const listed = Object.keys(TOOLS).map((name) => ({
  name,
  description: `Fixture of the conformance suite: ${name}`,
  inputSchema: REQUIRED[name]
    ? { type: 'object', properties: { [REQUIRED[name]]: { type: 'string' } }, required: [REQUIRED[name]] }
    : { type: 'object', properties: {} },
}));

const said = (...parts) => ({ messages: parts.map((part) => ({ role: 'user', content: part })) });

/** Prompts by name: their arguments, and what they return. */
const PROMPTS = {
  test_simple_prompt: [[], () => said(text('This is a simple prompt for testing.'))],
  test_prompt_with_arguments: [['arg1', 'arg2'], ({ arg1, arg2 }) => said(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
  test_prompt_with_embedded_resource: [['resourceUri'], ({ resourceUri }) => said(
    embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'), text('Please process the embedded resource above.'))],
  test_prompt_with_image: [[], () => said(image, text('Please analyze the image above.'))],
  test_input_required_result_prompt: [[], (given, { inputResponses }) => {
    const answer = inputResponses?.user_context?.content?.context;
    const question = elicit('What context should the prompt use?', { context: { type: 'string' } });
    return answer === undefined ? needs({ user_context: question }) : said(text(`Context: ${answer}`));
  }],
};

const RESOURCES = {
  'test://static-text': { mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
  'test://static-binary': { mimeType: 'image/png', blob: PIXEL },
  'test://watched-resource': { mimeType: 'text/plain', text: 'This resource can be watched.' },
};

function read(uri) {
  if (Object.hasOwn(RESOURCES, uri)) return { contents: [{ uri, ...RESOURCES[uri] }] };
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (!id) throw { code: -32602, message: 'Resource not found', data: { uri } };
  const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { contents: [{ uri, mimeType: 'application/json', text: data }] };
}

const cached = (result, isStateless) => (isStateless ? { ...result, ttlMs: 0, cacheScope: 'private' } : result);

/** Methods that the product does not have. */
const METHODS = {
  'completion/complete': () => ({ completion: { values: [], total: 0, hasMore: false } }),
  'prompts/list': (params, isStateless) => cached({ prompts: Object.entries(PROMPTS).map(([name, [args]]) => ({
    name, description: `Fixture: ${name}`, arguments: args.map((arg) => ({ name: arg, description: arg, required: true })) })) }, isStateless),
  'prompts/get': (params) => {
    if (!Object.hasOwn(PROMPTS, params.name)) throw { code: -32602, message: `Unknown prompt: ${params.name}` };
    return PROMPTS[params.name][1](params.arguments ?? {}, params);
  },
  'resources/list': (params, isStateless) => cached({ resources: Object.entries(RESOURCES).map(([uri, { mimeType }]) =>
    ({ uri, name: uri.slice(7), description: 'A fixture', mimeType })) }, isStateless),
  'resources/templates/list': (params, isStateless) => cached({ resourceTemplates: [
    { uriTemplate: 'test://template/{id}/data', name: 'template', description: 'A fixture', mimeType: 'application/json' }] }, isStateless),
  'resources/read': (params, isStateless) => cached(read(params.uri), isStateless),
};

/** Methods that only revisions with a handshake have. */
const EARLIER = { 'logging/setLevel': () => ({}), 'resources/subscribe': () => ({}), 'resources/unsubscribe': () => ({}) };

/** Asks the product. */
function ask(origin, token, { headers }, body) {
  return new Promise((resolve, reject) => {
    const sent = request(`${origin}/mcp`, { method: 'POST', headers: { ...headers, authorization: `Bearer ${token}` } }, async (reply) => {
      const parts = [];
      for await (const part of reply) parts.push(part);
      const said = Buffer.concat(parts).toString();
      let json;
      try { json = JSON.parse(said); } catch { json = undefined; }
      resolve({ status: reply.statusCode, said, json });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What is waiting for a response of the client, by the id of the question. */
const waiting = new Map();

/** Sends a response as events, so that messages can come before it. */
class Stream {
  constructor(reply) { this.reply = reply; this.isOpen = false; }

  send(message) {
    if (!this.isOpen) this.reply.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.isOpen = true;
    this.reply.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
  }

  notify(method, params) { this.send({ method, params }); }

  ask(question) {
    const id = randomUUID();
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      this.send({ id, ...question });
    });
  }
}

function respond(reply, stream, status, message) {
  if (stream.isOpen) {
    stream.send(message);
    reply.end();
  } else {
    reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }
}

/** Answers a message that the product does not know; `undefined` if the fixture does not know it either. */
function known({ method, params = {} }, isStateless, stream) {
  if (method === 'tools/call' && Object.hasOwn(TOOLS, params.name)) return () => TOOLS[params.name](params, stream);
  const methods = isStateless ? METHODS : { ...METHODS, ...EARLIER };
  return Object.hasOwn(methods, method) ? () => methods[method](params, isStateless) : undefined;
}

async function handle({ origin, token }, message, reply, product) {
  const isStateless = message?.params?._meta?.[`${PREFIX}protocolVersion`] === '2026-07-28';
  const stream = new Stream(reply);
  const isUnknown = [-32601, -32602].includes(product.json?.error?.code) && [200, 404].includes(product.status);
  const answer = isUnknown ? known(message, isStateless, stream) : undefined;
  if (!answer) {
    const { result } = product.json ?? {};
    if (result?.tools) result.tools.push(...listed);
    if (result?.capabilities) {
      Object.assign(result.capabilities, { prompts: {}, resources: isStateless ? {} : { subscribe: true }, completions: {} }, isStateless ? {} : { logging: {} });
    }
    reply.writeHead(product.status, { 'content-type': 'application/json' }).end(product.json ? JSON.stringify(product.json) : product.said);
    return;
  }
  try {
    const result = await answer();
    const own = isStateless ? { resultType: 'complete', _meta: { [`${PREFIX}serverInfo`]: { name: 'tackboard', version: '1' } } } : {};
    respond(reply, stream, 200, { id: message.id, result: { ...own, ...result } });
  } catch ({ status = 200, code, message: why, data }) {
    respond(reply, stream, status, { id: message.id, error: { code: code ?? -32603, message: String(why), ...(data && { data }) } });
  }
}

/** Starts the fixture in front of a product, and returns its address. */
export async function start(product) {
  const server = createServer(async (incoming, reply) => {
    const parts = [];
    for await (const part of incoming) parts.push(part);
    const body = Buffer.concat(parts);
    if (incoming.method !== 'POST') {
      reply.writeHead(405, { allow: 'POST' }).end();
      return;
    }
    let message;
    try { message = JSON.parse(body.toString()); } catch { message = undefined; }
    const question = message?.method === undefined ? waiting.get(message?.id) : undefined;
    if (question) {
      waiting.delete(message.id);
      reply.writeHead(202).end();
      question(message.result ?? {});
      return;
    }
    await handle(product, message, reply, await ask(product.origin, product.token, incoming, body));
  });
  await new Promise((started) => server.listen(0, '127.0.0.1', started));
  return { url: `http://127.0.0.1:${server.address().port}/mcp`, stop: () => server.close() };
}
