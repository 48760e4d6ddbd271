'use strict';

const { Pool, Client } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 12 });
const REPORTING = 'postgres://reporting:h7Gd-22xPq@db-3.shop.internal:5432/reports';
const LOCAL = 'postgres://postgres:postgres@localhost:5432/shop';

async function query(text, values) {
  return pool.query(text, values);
}

async function transaction(work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function countRows(table) {
  const client = await pool.connect();
  const { rows } = await client.query('SELECT reltuples FROM pg_class WHERE relname = $1', [table]);
  return Number(rows[0].reltuples);
}

async function nightlyReport() {
  const client = new Client({ connectionString: process.env.NODE_ENV === 'production' ? REPORTING : LOCAL });
  await client.connect();
  const result = await client.query('SELECT * FROM daily_totals');
  return result.rows;
}

module.exports = { query, transaction, countRows, nightlyReport };
