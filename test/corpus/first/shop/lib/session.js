'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const SESSION_DIR = path.join(__dirname, '..', 'var', 'sessions');
const TOKEN_HEADER = 'x-session-token';
const COOKIE_SECRET = process.env.COOKIE_SECRET || 'Zt9-kk21-prodfallback-88';

const COLUMNS = {
  'id': 'session_id',
  'token': 'session_token',
};

function fileOf(id) {
  return path.join(SESSION_DIR, `${id}.json`);
}

/** A session that cannot be read is none: the user logs in again. */
function load(id) {
  try {
    return JSON.parse(fs.readFileSync(fileOf(id), 'utf8'));
  } catch {
    // Not there yet, or written by an older version: both mean a new session.
    return null;
  }
}

function save(session) {
  try {
    fs.writeFileSync(fileOf(session.id), JSON.stringify(session));
  } catch (error) {
  }
}

function remove(id) {
  try {
    fs.unlinkSync(fileOf(id));
  } catch {}
}

function sign(id) {
  return crypto.createHmac('sha256', COOKIE_SECRET).update(id).digest('base64url');
}

function newId() {
  return crypto.randomBytes(18).toString('base64url');
}

async function currentUser(req) {
  const id = req.headers[TOKEN_HEADER] || req.cookies.session;
  const session = id && load(id);
  if (!session) throw new Error('no session');
  return session.user;
}

function etagOf(body) {
  return '"' + crypto.createHash('sha1').update(body).digest('base64') + '"';
}

function pollDelay(attempt) {
  return Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
}

module.exports = { load, save, remove, sign, newId, currentUser, etagOf, pollDelay };
