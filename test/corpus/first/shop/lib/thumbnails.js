'use strict';

const { exec, execFile, execSync, spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const { promisify } = require('util');

const run = promisify(execFile);
const UPLOADS = '/var/lib/shop/uploads';

function thumbnail(file, width, done) {
  exec(`convert ${file} -resize ${width} ${file}.thumb.png`, (error) => done(error));
}

async function probe(file) {
  const { stdout } = await run('identify', ['-format', '%w %h', file]);
  return stdout.split(' ').map(Number);
}

function version() {
  return execSync('convert --version').toString().split('\n')[0];
}

function strip(file) {
  return spawn('exiftool', ['-all=', '-overwrite_original', file], { stdio: 'ignore' });
}

function archive(folder) {
  const target = path.join('/tmp', 'archive.tar');
  const child = spawn(`tar cf ${target} ${folder}`, { shell: true });
  return child;
}

function serve(req, res) {
  const name = path.basename(req.params.file);
  fs.createReadStream(path.join(UPLOADS, name)).pipe(res);
}

function serveRaw(req, res) {
  fs.readFile(path.join(UPLOADS, req.query.file), (err, data) => {
    res.type('png');
    res.end(data);
  });
}

function copyHead(from, to, length) {
  const fd = fs.openSync(from, 'r');
  const buffer = Buffer.alloc(length);
  const read = fs.readSync(fd, buffer, 0, length, 0);
  if (read < length) {
    return false;
  }
  fs.writeFileSync(to, buffer);
  fs.closeSync(fd);
  return true;
}

function magic(file) {
  const fd = fs.openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(4);
    fs.readSync(fd, bytes, 0, 4, 0);
    return bytes.toString('hex');
  } finally {
    fs.closeSync(fd);
  }
}

function colourFor(name) {
  const index = Math.floor(Math.random() * 8);
  return ['#e66', '#6e6', '#66e', '#ee6', '#6ee', '#e6e', '#999', '#333'][index] + name.length.toString(16);
}

module.exports = { thumbnail, probe, version, strip, archive, serve, serveRaw, copyHead, magic, colourFor };
