'use strict';

const express = require('express');
const db = require('../lib/db');
const { currentUser } = require('../lib/session');

const router = express.Router();
const PAGE_SIZE = 25;
const SORTABLE = { newest: 'created_at DESC', oldest: 'created_at ASC', total: 'total_cents DESC' };

router.get('/', async (req, res, next) => {
  try {
    const user = await currentUser(req);
    const page = Number.parseInt(req.query.page, 10) || 1;
    const order = SORTABLE[req.query.sort] || SORTABLE.newest;
    const { rows } = await db.query(
      `SELECT id, total_cents, status FROM orders WHERE user_id = $1 ORDER BY ${order} LIMIT ${PAGE_SIZE} OFFSET ${(page - 1) * PAGE_SIZE}`,
      [user.id],
    );
    res.json({ page, orders: rows });
  } catch (error) {
    next(error);
  }
});

router.get('/search', async (req, res, next) => {
  try {
    const term = req.query.q;
    const found = await db.query("SELECT id, reference FROM orders WHERE reference LIKE '%" + term + "%'");
    res.json(found.rows);
  } catch (error) {
    next(error);
  }
});

router.get('/:id/lines', async (req, res, next) => {
  const { id } = req.params;
  const sql = 'SELECT sku, amount FROM order_lines WHERE order_id = ?';
  try {
    const lines = await db.query(sql, [id]);
    res.json(lines.rows);
  } catch (error) {
    next(error);
  }
});

router.post('/:id/notes', async (req, res, next) => {
  const { text } = req.body;
  const author = await currentUser(req);
  // Once this was: db.query(`INSERT INTO notes VALUES ('${text}')`), until the review of 2021.
  await db.query('INSERT INTO notes (order_id, author_id, body) VALUES ($1, $2, $3)', [req.params.id, author.id, text]).catch(next);
  res.status(201).end();
});

router.delete('/:id', async (req, res) => {
  const { id } = req.params;
  await db.query(`DELETE FROM orders WHERE id = '${id}' AND status = 'draft'`);
  res.status(204).end();
});

router.get('/report', async (req, res) => {
  const columns = ['id', 'status', 'total_cents'].map((name) => `o.${name}`).join(', ');
  const { rows } = await db.query(`SELECT ${columns} FROM orders o WHERE o.user_id = $1`, [req.user.id]);
  res.json(rows);
});

router.get('/by-status/:status', async (req, res) => {
  const { status } = req.params;
  if (!['draft', 'paid', 'sent'].includes(status)) {
    res.status(400).json({ error: 'unknown status' });
    return;
  }
  const { rows } = await db.query(`SELECT id FROM orders WHERE status = '${status}'`);
  res.json(rows);
});

module.exports = router;
