import dns from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { outputOf, type ToolContext, ToolError } from '../../extension/tools/tool.ts';
import { isPublicAddress } from '../../extension/tools/web/address.ts';
import { nextUrl } from '../../extension/tools/web/fetch-page.ts';
import { htmlToText } from '../../extension/tools/web/html-text.ts';
import { webFetchFor, webFetchTool } from '../../extension/tools/web-fetch.ts';

const context: ToolContext = { workspace: '/', ripgrep: '', signal: new AbortController().signal };
/** The only address that tests may connect to. */
const local = webFetchFor((address) => address === '127.0.0.1');
const pages: Record<string, RequestListener> = {};
const asked: string[] = [];
let server: Server;
let origin = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!);
    const page = pages[request.url!];
    if (page) page(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function serve(path: string, type: string, body: string | Buffer, headers: Record<string, string> = {}): string {
  pages[path] = (_request, response) => response.writeHead(200, { 'content-type': type, ...headers }).end(body);
  return origin + path;
}

async function fetched(url: string, tool = local): Promise<string> {
  return outputOf(await tool.run({ url }, context)).forModel;
}

test('addresses of this machine and of networks around it are none of the open internet, however they are written', () => {
  const inside =
    `127.0.0.1 127.255.255.254 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 100.100.100.200
    168.63.129.16 192.0.0.192 198.18.0.1 224.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::7f00:1 fe80::1 fe80::1%eth0 fc00::1
    fd00:ec2::254 ff02::1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2001:db8::1 2001::1 100::1 localhost 127.1`.split(
      /\s+/,
    );
  expect(inside.filter(isPublicAddress)).toEqual([]);
  const outside = ['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.63.0.1', '2606:4700::1111', '2a00:1450:4001::200e'];
  expect(outside.filter((address) => !isPublicAddress(address))).toEqual([]);
});

test('a server on this machine is not asked, by whatever name', async () => {
  serve('/secret', 'text/plain', 'SECRET');
  const { port } = new URL(origin);
  const hosts = [
    '127.0.0.1',
    'localhost',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0',
  ];
  asked.length = 0;
  for (const host of hosts)
    await expect(fetched(`http://${host}:${port}/secret`, webFetchTool), host).rejects.toThrow(
      'no host of the open internet',
    );
  expect(asked).toEqual([]);
});

test('only http and https are fetched, and no address with a password', async () => {
  for (const url of [
    'file:///etc/passwd',
    'ftp://example.com/',
    'data:text/plain,a',
    'javascript:1',
    'example.com',
    '',
  ])
    await expect(fetched(url), url).rejects.toThrow(ToolError);
  await expect(fetched('http://me:pass@127.0.0.1/')).rejects.toThrow('name or password');
  await expect(webFetchTool.targets!({ url: 'gopher://x/' }, context)).rejects.toThrow('Only http and https');
  expect(await webFetchTool.targets!({ url: 'HTTPS://Docs.RS:443/a b#c' }, context)).toEqual([
    { kind: 'address', url: 'https://docs.rs/a%20b' },
  ]);
});

test('the address that was checked is the one that is connected to, whatever the name means by then', async () => {
  serve('/once', 'text/plain', 'once');
  const { lookup: lookupLater } = dns;
  const { lookup } = dns.promises;
  // A name server of the page's owner: one answer for whoever checks, another one for whoever connects.
  dns.promises.lookup = (async () => [{ address: '127.0.0.1', family: 4 }]) as unknown as typeof lookup;
  dns.lookup = ((_host: string, _options: unknown, done: (error: Error) => void) =>
    done(new Error('looked up again'))) as unknown as typeof lookupLater;
  syncBuiltinESMExports();
  onTestFinished(() => {
    dns.promises.lookup = lookup;
    dns.lookup = lookupLater;
    syncBuiltinESMExports();
  });
  const { port } = new URL(origin);
  expect(await fetched(`http://rebinding.example:${port}/once`)).toBe('once');
  // One address inside among those outside is one too many.
  const other = [
    { address: '127.0.0.1', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ];
  dns.promises.lookup = (async () => other) as unknown as typeof lookup;
  syncBuiltinESMExports();
  await expect(fetched(`http://rebinding.example:${port}/once`)).rejects.toThrow('no host of the open internet');
});

test('it is led on within one host, each step checked, and told of another one', async () => {
  const to = (path: string, location: string): void => {
    pages[path] = (_request, response) => response.writeHead(302, { location }).end();
  };
  serve('/end', 'text/plain', 'the end');
  to('/a', '/b');
  to('/b', `${origin}/end`);
  expect(await fetched(`${origin}/a`)).toBe('the end');
  to('/away', 'https://example.com/x');
  await expect(fetched(`${origin}/away`)).rejects.toThrow('leads to https://example.com/x; fetch that');
  to('/other-port', 'http://127.0.0.1:1/');
  await expect(fetched(`${origin}/other-port`)).rejects.toThrow('leads to http://127.0.0.1:1/');
  to('/file', 'file:///etc/passwd');
  await expect(fetched(`${origin}/file`)).rejects.toThrow('Only http and https');
  to('/round', '/round');
  await expect(fetched(`${origin}/round`)).rejects.toThrow('more than 5 times');
  let checks = 0;
  const once = webFetchFor((address) => address === '127.0.0.1' && ++checks === 1);
  await expect(fetched(`${origin}/a`, once)).rejects.toThrow('no host of the open internet');
});

test('it is led to what is as safe or safer, and never to less', () => {
  const next = (from: string, location: string) =>
    nextUrl(new URL(from), { statusCode: 301, headers: { location } })?.href ?? null;
  expect(next('http://a.example/x', 'https://a.example/y')).toBe('https://a.example/y');
  expect(next('https://a.example/x', '/y')).toBe('https://a.example/y');
  for (const [from, to] of [
    ['http://a.example/', 'https://b.example/'],
    ['https://a.example/', 'http://a.example/'],
    ['https://a.example/', 'https://a.example:8443/'],
    ['https://a.example/', '//b.example/'],
  ] as const)
    expect(() => next(from, to), to).toThrow('fetch that, if you want it');
  expect(nextUrl(new URL('https://a.example/'), { statusCode: 200, headers: { location: '/y' } })).toBe(null);
});

test('a page is read as Markdown', async () => {
  const html = `<!doctype html><html><head><title>Docs &amp; more</title><style>p{}</style><script>if (a<b) "</p>"</script></head><body>
    <nav><a href="/x">Menu</a></nav><h1>First</h1><p>Some <b>bold</b>   text,<br>a <a href='../page?a=1&amp;b=2'>link</a>,
    <a href="javascript:alert(1)">none</a>&hellip; 1 &lt; 2 &#x41;&#66;</p><!-- <p>hidden</p> -->
    <ul><li>one<li>two<ol><li>deep</li></ol></ul><pre><code>let a  =  1;
  b</code></pre><table><tr><th>k<th>v</tr><tr><td>1<td>2</tr></table><img alt="a cat" src=x></body></html>`;
  expect(await fetched(serve('/docs/html', 'text/html; charset=utf-8', html))).toBe(
    `# Docs & more

# First

Some bold text,
a [link](${origin}/page?a=1&b=2), none… 1 < 2 AB

- one
- two
  1. deep

\`\`\`
let a  =  1;
  b
\`\`\`

| k | v
| 1 | 2

(image: a cat)`,
  );
});

test('a broken or hostile page is read to its end, in no more time than it is long', () => {
  const base = new URL('https://example.com/');
  const broken = [
    '<',
    '<a',
    '<a href="',
    '<!--',
    '<script>',
    '</',
    '<p',
    '&',
    '&#0;',
    '&#xd800;',
    '<a href=x>',
    '</ul></a></pre>',
    '<pre>',
    '<li>',
  ];
  for (const text of broken) expect(htmlToText(`before ${text}`, base), text).toContain('before');
  for (const text of [
    ...broken,
    '<svg>',
    '</svg></form>',
    '<ul>',
    '<b>x</b>',
    ' ',
    '<a href=x>y</a>',
    '<a x="',
    '<title>',
  ])
    expect(htmlToText(text.repeat(100_000), base).length).toBeLessThan(20_000_000);
});

test('text of other kinds is read as it is, and what is no text is refused', async () => {
  expect(await fetched(serve('/json', 'application/json', '{"a": 1}\r\n'))).toBe('{"a": 1}\n');
  expect(await fetched(serve('/latin', 'text/plain; charset=iso-8859-1', Buffer.from([0xe4])))).toBe('ä');
  const latin = Buffer.from('<meta charset="windows-1252"><p>\u00e4</p>', 'latin1');
  expect(await fetched(serve('/meta', 'text/html', latin))).toBe('ä');
  expect(await fetched(serve('/odd', 'text/plain; charset=odd', 'ä'))).toBe('ä');
  expect(await fetched(serve('/empty', 'text/plain', ''))).toBe('(an empty page)');
  await expect(fetched(serve('/pdf', 'application/pdf', '%PDF'))).rejects.toThrow(
    'is application/pdf (4 bytes), and no text',
  );
  await expect(fetched(serve('/bin', 'text/plain', Buffer.from([97, 0, 98])))).rejects.toThrow('is no text');
  await expect(fetched(`${origin}/missing`)).rejects.toThrow('answers with status 404');
});

test('what is too large is refused, also where it is packed small', async () => {
  await expect(fetched(serve('/large', 'text/plain', 'a'.repeat(5_000_001)))).rejects.toThrow(
    'larger than 5000000 bytes',
  );
  const packed = gzipSync('a'.repeat(100_000_000));
  const url = serve('/bomb', 'text/plain', packed, { 'content-encoding': 'gzip' });
  await expect(fetched(url)).rejects.toThrow('larger than 5000000 bytes');
  const fine = serve('/packed', 'text/plain', gzipSync('fine'), { 'content-encoding': 'gzip' });
  expect(await fetched(fine)).toBe('fine');
  const cut = serve('/cut', 'text/plain', gzipSync('a'.repeat(10_000)).subarray(0, 20), { 'content-encoding': 'gzip' });
  await expect(fetched(cut)).rejects.toThrow(ToolError);
});

test('a long page comes in parts, and is kept whole beside', async () => {
  const url = serve('/long', 'text/plain', `${'a'.repeat(40_000)}b`);
  const first = outputOf(await local.run({ url }, context));
  expect(first.forModel.endsWith('a\n\n(characters 0 to 40000 of 40001; offset 40000 goes on)')).toBe(true);
  expect(first.whole).toHaveLength(40_001);
  expect(outputOf(await local.run({ url, offset: 40_000 }, context)).forModel).toBe('b');
  await expect(local.run({ url, offset: 40_001 }, context)).rejects.toThrow('has only 40001 characters');
});

test('a stop ends the waiting, and nothing of ours is told to the page', async () => {
  const stop = new AbortController();
  let headers: NodeJS.Dict<string | string[]> = {};
  pages['/slow'] = (request) => {
    headers = request.headers;
    stop.abort(new Error('stopped by a person'));
  };
  await expect(local.run({ url: `${origin}/slow` }, { ...context, signal: stop.signal })).rejects.toThrow(
    'stopped by a person',
  );
  expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
});
