import { decodeEntities } from './entities.ts';

/** What is not for reading: skipped with all that is in it. */
const SKIPPED = new Set(
  'script style noscript template svg math iframe object canvas select textarea nav button dialog'.split(' '),
);
/** Of these a page has one title. */
const TITLE = 'title';
/** What begins on a line of its own, after an empty one. */
const BLOCKS = new Set(
  'p div section article main header footer aside ul ol dl table blockquote figure figcaption pre h1 h2 h3 h4 h5 h6 hr details summary address'.split(
    ' ',
  ),
);
/** What begins on a line of its own. */
const LINES = new Set('br li tr dt dd option'.split(' '));
/** Elements whose content is text up to their end, whatever it looks like. */
const RAW = new Set('script style textarea title noscript iframe template'.split(' '));

interface Link {
  href: string;
  /** How many parts there were when it began. */
  at: number;
}

/** Deeper than any page; what is over that is not counted. */
const MAX_DEPTH = 200;

/**
 * The text of a page, with headings, lists, code and links as in Markdown. It is a reader and no browser: what only shows by style or script is
 * read or left out as it stands, tables become lines with `|`, and what a page hides from view is there. It looks at each character once.
 * @param base What links are relative to.
 */
export function htmlToText(html: string, base: URL): string {
  const writer = new TextWriter(base);
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open === -1) break;
    writer.text(html.slice(at, open));
    at = readMarkup(html, open, writer);
  }
  writer.text(html.slice(at));
  return writer.end();
}

/** Reads what begins with `<`. Returns the place behind it. */
function readMarkup(html: string, open: number, writer: TextWriter): number {
  if (html.startsWith('<!--', open)) return behind(html, '-->', open + 4);
  const [, slash, name] = /^<(\/?)([a-zA-Z][^\s/>]*)/.exec(html.slice(open, open + 60)) ?? [];
  if (name === undefined) {
    if (/^<[!?/]/.test(html.slice(open, open + 2))) return behind(html, '>', open + 2);
    writer.text('<');
    return open + 1;
  }
  const tag = name.toLowerCase();
  const close = endOfTag(html, open + 1 + name.length);
  if (slash) {
    writer.close(tag);
    return close;
  }
  writer.open(tag, html.slice(open, close));
  if (!RAW.has(tag)) return close;
  const end = rawEnd(html, tag, close);
  if (tag === TITLE) writer.title(html.slice(close, end));
  return end;
}

function behind(html: string, mark: string, from: number): number {
  const end = html.indexOf(mark, from);
  return end === -1 ? html.length : end + mark.length;
}

/** Behind the `>` of a tag, which may stand in a value, too. */
function endOfTag(html: string, from: number): number {
  let quote = '';
  for (let at = from; at < html.length; at += 1) {
    const char = html[at]!;
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '>') return at + 1;
    else if ((char === '"' || char === "'") && /[=\s]/.test(html[at - 1]!)) quote = char;
  }
  return html.length;
}

function rawEnd(html: string, tag: string, from: number): number {
  const pattern = new RegExp(`</${tag}[\\s/>]`, 'gi');
  pattern.lastIndex = from;
  return pattern.exec(html)?.index ?? html.length;
}

class TextWriter {
  readonly #base: URL;
  readonly #parts: string[] = [];
  /** The last two characters, for to look at all of it each time would take long. */
  #tail = '\n\n';
  #title = '';
  /** Names of what is skipped and still open. */
  readonly #skipped: string[] = [];
  readonly #links: (Link | null)[] = [];
  readonly #lists: ('ul' | number)[] = [];
  #pre = 0;

  constructor(base: URL) {
    this.#base = base;
  }

  title(text: string): void {
    this.#title ||= decodeEntities(text).replace(/\s+/g, ' ').trim();
  }

  text(source: string): void {
    if (this.#skipped.length > 0 || source === '') return;
    const text = decodeEntities(source);
    if (this.#pre > 0) return this.#put(text);
    const joined = text.replace(/\s+/g, ' ');
    this.#put(/\s$/.test(this.#tail) ? joined.trimStart() : joined);
  }

  open(tag: string, source: string): void {
    if (SKIPPED.has(tag)) {
      if (!source.endsWith('/>') && this.#skipped.length < MAX_DEPTH) this.#skipped.push(tag);
      return;
    }
    if (this.#skipped.length > 0) return;
    this.#breakFor(tag);
    if (/^h[1-6]$/.test(tag)) this.#put(`${'#'.repeat(Number(tag[1]))} `);
    else if (tag === 'pre') {
      this.#pre += 1;
      this.#put('```\n');
    } else if (tag === 'code' && this.#pre === 0) this.#put('`');
    else if (tag === 'ul' && this.#lists.length < MAX_DEPTH) this.#lists.push('ul');
    else if (tag === 'ol' && this.#lists.length < MAX_DEPTH) this.#lists.push(0);
    else if (tag === 'li') this.#item();
    else if (tag === 'td' || tag === 'th') this.#put(this.#tail.endsWith('\n') ? '| ' : ' | ');
    else if (tag === 'a' && this.#links.length < MAX_DEPTH) this.#openLink(source);
    else if (tag === 'img') this.#image(source);
  }

  close(tag: string): void {
    const skipped = this.#skipped.lastIndexOf(tag);
    if (skipped !== -1) this.#skipped.length = skipped;
    if (this.#skipped.length > 0 || SKIPPED.has(tag)) return;
    if (tag === 'pre' && this.#pre > 0) {
      this.#pre -= 1;
      this.#put(this.#tail.endsWith('\n') ? '```' : '\n```');
    } else if (tag === 'code' && this.#pre === 0) this.#put('`');
    else if (tag === 'ul' || tag === 'ol') this.#lists.pop();
    else if (tag === 'a') this.#closeLink();
    if (BLOCKS.has(tag)) this.#breakFor(tag);
  }

  end(): string {
    const text = this.#parts
      .join('')
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
    return this.#title === '' || text.startsWith(`# ${this.#title}`) ? text : `# ${this.#title}\n\n${text}`.trim();
  }

  #put(text: string): void {
    if (text === '') return;
    this.#parts.push(text);
    this.#tail = (this.#tail + text.slice(-2)).slice(-2);
  }

  #breakFor(tag: string): void {
    const wanted = BLOCKS.has(tag) && this.#lists.length === 0 ? 2 : BLOCKS.has(tag) || LINES.has(tag) ? 1 : 0;
    if (wanted === 0 || this.#pre > 0) return;
    const present = this.#tail === '\n\n' ? 2 : this.#tail.endsWith('\n') ? 1 : 0;
    this.#put('\n'.repeat(Math.max(wanted - present, 0)));
  }

  #item(): void {
    const list = this.#lists.at(-1);
    this.#put('  '.repeat(Math.min(Math.max(this.#lists.length - 1, 0), 10)));
    if (typeof list !== 'number') return this.#put('- ');
    this.#lists[this.#lists.length - 1] = list + 1;
    this.#put(`${list + 1}. `);
  }

  #openLink(source: string): void {
    const href = attribute(source, 'href');
    const url =
      href === null || href.startsWith('#') || !URL.canParse(href, this.#base) ? null : new URL(href, this.#base);
    if (!url || !/^(https?|mailto):$/.test(url.protocol) || url.href.length > 500) {
      this.#links.push(null);
      return;
    }
    this.#put('[');
    this.#links.push({ href: url.href, at: this.#parts.length });
  }

  #closeLink(): void {
    const link = this.#links.pop();
    if (!link) return;
    const words = this.#parts.slice(link.at).some((part) => part.trim() !== '');
    if (words) this.#put(`](${link.href})`);
    // A link without words leads nowhere that anybody could read of.
    else this.#parts[link.at - 1] = '';
  }

  #image(source: string): void {
    const words = attribute(source, 'alt');
    if (words) this.#put(`(image: ${words.replace(/\s+/g, ' ').slice(0, 200)})`);
  }
}

/** The value of an attribute in the source of a tag; null where it has none. */
function attribute(source: string, name: string): string | null {
  const [, double, single, bare] =
    new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>"']+))`, 'i').exec(source.slice(0, 4_000)) ?? [];
  const value = double ?? single ?? bare;
  return value === undefined ? null : decodeEntities(value).trim();
}
