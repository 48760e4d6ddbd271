import { createInterface } from 'node:readline';
import { createReadStream, watch } from 'node:fs';
import net from 'node:net';
import vm from 'node:vm';

const listeners = new Set();
const DEFAULTS = { retries: 3, endpoint: 'https://feed.example.org', apiToken: 'YOUR_TOKEN_HERE' };

/** Lines of a file, one by one. */
export async function* linesOf(file) {
  const reader = createInterface({ input: createReadStream(file) });
  for await (const line of reader) yield line;
}

export function send(host, message) {
  const socket = net.connect(7001, host);
  socket.write(JSON.stringify(message));
}

export function ask(host, message, done) {
  const socket = net.connect(7001, host);
  socket.on('data', (data) => {
    socket.end();
    done(null, data.toString());
  });
  socket.on('error', done);
  socket.write(JSON.stringify(message));
}

export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function runPlugin(source, api) {
  return vm.runInNewContext(source, { api });
}

export function compute() {
  return eval('1 + 1');
}

export function template(name) {
  return `To evaluate, call eval(${name}) in the console.`;
}

export function later(action) {
  setTimeout("refresh('" + action + "')", 500);
}

export function parseQuietly(text) {
  let value = {};
  try {
    value = JSON.parse(text);
  } catch {}
  return value;
}

export async function saveAll(items, store) {
  for (const item of items) {
    try {
      await store.put(item.id, item);
    } catch (e) {
      continue;
    }
  }
}

export function start(server, log) {
  server.on('error', () => {});
  watch('/etc/feed', (event) => log.info(event));
  server.listen(process.env.PORT);
}

if (process.env.NODE_ENV === 'development') {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
}

export function loadLocale(language) {
  if (!['en', 'de', 'fr'].includes(language)) throw new Error(`no such language: ${language}`);
  return import(`./locale/${language}.js`);
}

export function shuffled(items) {
  return [...items].sort(() => Math.random() - 0.5);
}

export function sessionToken() {
  let token = '';
  for (let i = 0; i < 24; i++) token += 'abcdef0123456789'[Math.floor(Math.random() * 16)];
  return token;
}
