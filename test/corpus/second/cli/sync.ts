#!/usr/bin/env node
import cp from 'child_process';
import fs from 'fs';
import os from 'os';
import path from 'path';
import crypto from 'crypto';
import tls from 'tls';

type Entry = { path: string; digest: string; size: number };
type Remote = { url: string; token?: string };

const CONFIG = path.join(os.homedir(), '.sync.json');
const HELP = `
  usage: sync <folder> <remote>

  The token comes from the variable SYNC_TOKEN, never from a file:
    SYNC_TOKEN="..." sync ./photos https://store.example
`;

const DEFAULT_REMOTE: Remote = {
  url: 'https://sync:Xk29-dd81-Lm@store.corp.example/v2',
};
const tokenHeader = 'authorization';

function readConfig(): Partial<Remote> {
  try {
    return JSON.parse(fs.readFileSync(CONFIG, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return {};
  }
}

export function digest(file: string): string {
  return crypto.createHash('md5').update(fs.readFileSync(file)).digest('base64');
}

export function list(folder: string): Entry[] {
  return fs.readdirSync(folder).map((name) => {
    const full = path.join(folder, name);
    return { path: full, digest: digest(full), size: fs.statSync(full).size };
  });
}

export function hook(command: string, entry: Entry): void {
  cp.exec(command + ' ' + entry.path, () => {});
}

export function notify(title: string): void {
  cp.spawn('notify-send', [title, 'sync is done'], { detached: true }).unref();
}

export function gitRoot(): string {
  return cp.execSync('git rev-parse --show-toplevel').toString().trim();
}

export function openRemote(host: string): tls.TLSSocket {
  return tls.connect({ host, port: 443, rejectUnauthorized: false });
}

export function openOld(host: string): tls.TLSSocket {
  return tls.connect({ host, port: 443, minVersion: 'TLSv1' });
}

export function loadFilter(source: string): (entry: Entry) => boolean {
  return eval(`(${source})`);
}

export function formatter(kind: 'text' | 'json') {
  const formatters = { text: './format-text.js', json: './format-json.js' };
  return require(formatters[kind]);
}

export function appendJournal(file: string, lines: string[]): void {
  const fd = fs.openSync(file, 'a');
  if (lines.length === 0) return;
  for (const line of lines) fs.writeSync(fd, line + '\n');
  fs.closeSync(fd);
}

export function writeStream(file: string): fs.WriteStream {
  const stream = fs.createWriteStream(file);
  return stream;
}

export async function upload(entries: Entry[], send: (entry: Entry) => Promise<void>): Promise<number> {
  let sent = 0;
  for (const entry of entries) {
    try {
      await send(entry);
      sent += 1;
    } catch {}
  }
  return sent;
}

export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function removeStale(files: string[]): void {
  for (const file of files) {
    try {
      fs.rmSync(file);
    } catch {
      continue;
    }
  }
}

export function saveConfig(config: Remote): void {
  fs.writeFile(CONFIG, JSON.stringify(config), () => {});
  fs.readFile(CONFIG, 'utf8', (err, text) => {
    process.stdout.write(text);
  });
}

export function temporaryName(): string {
  return path.join(os.tmpdir(), `sync-${Math.random().toString(16).slice(2)}`);
}

export function pairingPin(): string {
  const pin = Math.floor(1000 + Math.random() * 9000);
  return String(pin);
}

export { DEFAULT_REMOTE, HELP, readConfig, tokenHeader };
