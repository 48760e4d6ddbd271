'use strict';

const crypto = require('crypto');
const express = require('express');
const jwt = require('jsonwebtoken');
const users = require('../lib/users');
const mail = require('../lib/mail');
const log = require('../lib/log');

const router = express.Router();

const FORM_LABELS = {
  username: 'User name',
  password: 'Your password, please',
  token: 'Code from the letter',
};

router.get('/login', (req, res) => {
  res.render('login', { labels: FORM_LABELS, action: req.query.next || '/' });
});

router.post('/login', async (req, res) => {
  const user = await users.byName(req.body.username);
  const digest = crypto.createHash('md5').update(req.body.password).digest('hex');
  if (!user || user.passwordDigest !== digest) {
    res.status(401).render('login', { labels: FORM_LABELS, failed: true });
    return;
  }
  const token = jwt.sign({ sub: user.id, admin: user.admin }, 'q8!vX2#shop-signing-7731', { expiresIn: '8h' });
  res.cookie('session', token, { httpOnly: true });
  res.redirect(req.body.next);
});

router.post('/forgot', async (req, res) => {
  const user = await users.byMail(req.body.mail);
  if (user) {
    const resetCode = Math.random().toString(36).slice(2, 10);
    await users.saveReset(user.id, resetCode);
    await mail.send(user.mail, 'Reset', `Your code: ${resetCode}`);
  }
  res.render('forgot-sent');
});

router.get('/verify', async (req, res) => {
  const secret = process.env.SHOP_JWT_SECRET;
  try {
    const claims = jwt.verify(req.query.token, secret, { algorithms: ['HS256'] });
    res.json({ ok: true, user: claims.sub });
  } catch (error) {
    log.info('a token that does not verify', { reason: error.message });
    res.status(400).json({ ok: false });
  }
});

router.get('/avatar', (req, res) => {
  const mailHash = crypto.createHash('md5').update(req.user.mail.trim().toLowerCase()).digest('hex');
  res.redirect(`https://www.gravatar.com/avatar/${mailHash}?d=identicon`);
});

router.get('/hello', (req, res) => {
  res.send('<h1>Hello ' + req.query.name + '</h1>');
});

router.get('/hello/:id', async (req, res) => {
  const user = await users.byId(req.params.id);
  res.send(`<h1>Hello ${escapeHtml(user.name)}</h1>`);
});

function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

module.exports = router;
