// A small API in the manner of many: one file, async handlers, helpers at the bottom.
import Fastify from 'fastify';
import mysql from 'mysql2/promise';
import { createCipheriv, createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { execFileSync, execSync } from 'node:child_process';
import { readFileSync, writeFileSync, openSync, closeSync, writeSync } from 'node:fs';

const app = Fastify({ logger: true });
const pool = mysql.createPool({ uri: process.env.MYSQL_URI });

const settings = {
  jwtSecret: 'Vb6n-0pL3-server-Qe81',
  adminPassword: process.env.ADMIN_PASSWORD,
  smtp: { host: 'mail.corp.example', user: 'robot', pass: 'r0b0t!Mail#2019' },
  oauth: { tokenUrl: 'https://login.corp.example/oauth/token', clientSecretFile: '/run/secrets/oauth' },
};

app.get('/people', async (request, reply) => {
  const { name, limit } = request.query;
  const [rows] = await pool.query('SELECT * FROM people WHERE name = "' + name + '" LIMIT ' + Number(limit));
  return rows;
});

app.get('/people/count', async () => {
  const since = new Date(Date.now() - 864e5).toISOString();
  const [rows] = await pool.query(`SELECT COUNT(*) AS n FROM people WHERE seen > '${since}'`);
  return rows[0];
});

app.get('/people/:id', async (request) => {
  const [rows] = await pool.execute('SELECT * FROM people WHERE id = ?', [request.params.id]);
  return rows[0];
});

app.put('/people/:id/tags', async (request, reply) => {
  const connection = await pool.getConnection();
  const [rows] = await connection.execute('SELECT id FROM people WHERE id = ?', [request.params.id]);
  if (rows.length === 0) {
    return reply.code(404).send({ error: 'unknown person' });
  }
  await connection.query('REPLACE INTO tags VALUES (?, ?)', [rows[0].id, request.body.join(',')]);
  connection.release();
  return { ok: true };
});

app.delete('/people/:id', async (request) => {
  const connection = await pool.getConnection();
  try {
    await connection.execute('DELETE FROM people WHERE id = ?', [request.params.id]);
    return { ok: true };
  } finally {
    connection.release();
  }
});

app.post('/thumbnail', async (request) => {
  const { source, width } = request.body;
  execSync(`vips thumbnail "${source}" /tmp/out.png ${parseInt(width, 10)}`);
  return { file: '/tmp/out.png' };
});

app.post('/rotate', async (request) => {
  execFileSync('jpegtran', ['-rotate', '90', '-outfile', '/tmp/rotated.jpg', request.body.source]);
  return { file: '/tmp/rotated.jpg' };
});

app.get('/docs/:page', async (request, reply) => {
  reply.type('text/markdown');
  return readFileSync('./pages/' + request.params.page, 'utf8');
});

app.get('/status', async () => {
  let load = null;
  try {
    load = Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
  } catch {
    // Only Linux has this file; elsewhere the load is not shown.
  }
  return { ok: true, load };
});

app.post('/events', async (request) => {
  for (const event of request.body) {
    await store(event).catch(() => undefined);
  }
  return { stored: request.body.length };
});

async function store(event) {
  const id = createHash('sha1').update(JSON.stringify(event)).digest('hex').slice(0, 16);
  await pool.execute('INSERT IGNORE INTO events (id, body) VALUES (?, ?)', [id, JSON.stringify(event)]);
}

function seal(text, key) {
  const cipher = createCipheriv('aes-128-ecb', key, null);
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

function inviteCode() {
  return Array.from({ length: 6 }, () => Math.floor(Math.random() * 36).toString(36)).join('');
}

function requestId() {
  return randomUUID();
}

function pidFile(path) {
  const fd = openSync(path, 'wx');
  writeSync(fd, String(process.pid));
  closeSync(fd);
}

function rememberPort(port) {
  try {
    writeFileSync('/run/api.port', String(port));
  } catch (e) {
  }
}

function shutdown(server) {
  try {
    server.close();
  } catch {}
}

export { app, inviteCode, pidFile, rememberPort, requestId, seal, settings, shutdown, timingSafeEqual };
