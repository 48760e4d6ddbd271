import { useState } from 'react';
import { isJsonObject, type Json, type JsonObject } from '../../extension/protocol/json.ts';
import { resolvedProperty } from '../../extension/protocol/json-schema.ts';
import { isUnifiedDiff } from '../code/languages.ts';
import { line, plural, shown } from '../format.ts';
import { MarkdownText } from '../markdown/markdown-text.tsx';
import { Block, Output } from './parts.tsx';

/** Deeper than this a value is shown as JSON: nobody reads a table in a table in a table. */
const DEEPEST = 5;
/** Entries of a list that are shown until more are asked for. */
const LISTED = 50;
/** A text up to this long, on one line, stands beside its name; anything longer is taken for Markdown. */
const SHORT_TEXT = 100;
/** A list of objects of so few short values is a table. */
const MOST_COLUMNS = 4;
const SHORT_CELL = 40;

interface ValueProps {
  value: Json;
  /** What describes this value; empty where nothing does. */
  schema?: JsonObject;
  /** What its references refer to. */
  root?: JsonObject;
  depth?: number;
}

/** Any JSON, to be read by people: objects as names and values, with what their schema says of each, lists of objects as rows. */
export function Value({ value, schema = {}, root = schema, depth = 0 }: ValueProps) {
  if (Array.isArray(value)) return <List items={value} schema={schema} root={root} depth={depth} />;
  if (!isJsonObject(value)) return <Scalar value={value} />;
  if (depth > DEEPEST) return <Block text={JSON.stringify(value, null, 2)} language="json" />;
  const names = Object.keys(value);
  if (names.length === 0) return <span className="quiet">nothing</span>;
  return (
    <dl className="value">
      {names.map((name) => {
        const own = propertyOf(schema, root, name);
        const item = value[name] ?? null;
        return (
          <div key={name} className={isShort(item) ? 'is-short' : ''}>
            <dt>
              <span className="value-name">{line(name, 80)}</span>
              {typeof own.description === 'string' && <span className="quiet">{line(own.description, 300)}</span>}
            </dt>
            <dd>
              {isCode(name, item) ? (
                <Output text={item} language="" />
              ) : (
                <Value value={item} schema={own} root={root} depth={depth + 1} />
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Scalar({ value }: { value: null | boolean | number | string }) {
  if (value === '') return <span className="quiet">empty text</span>;
  if (typeof value !== 'string') return <code className="value-literal">{String(value)}</code>;
  if (isShort(value)) return <span>{shown(value)}</span>;
  return <MarkdownText text={value} />;
}

function List({ items, schema, root, depth }: { items: Json[]; schema: JsonObject; root: JsonObject; depth: number }) {
  const [all, setAll] = useState(false);
  if (items.length === 0) return <span className="quiet">none</span>;
  if (depth > DEEPEST) return <Block text={JSON.stringify(items, null, 2)} language="json" />;
  const itemSchema = resolvedProperty(root, schema.items ?? {});
  const listed = all ? items : items.slice(0, LISTED);
  const columns = columnsOf(items);
  return (
    <>
      {columns ? (
        <Table rows={listed as JsonObject[]} columns={columns} schema={itemSchema} root={root} />
      ) : (
        <ol className={items.every(isShort) ? 'value-list' : 'value-list is-boxed'}>
          {listed.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an entry is its place.
            <li key={index}>
              <Value value={item} schema={itemSchema} root={root} depth={depth + 1} />
            </li>
          ))}
        </ol>
      )}
      {listed.length < items.length && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          Show all {plural(items.length, 'entry', 'entries')}
        </button>
      )}
    </>
  );
}

function Table({
  rows,
  columns,
  schema,
  root,
}: {
  rows: JsonObject[];
  columns: string[];
  schema: JsonObject;
  root: JsonObject;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="table-scroll" tabIndex={0} aria-label="Table">
      <table className="value-table">
        <thead>
          <tr>
            {columns.map((name) => {
              const { description } = propertyOf(schema, root, name);
              return (
                <th key={name} scope="col" title={typeof description === 'string' ? line(description) : undefined}>
                  {line(name, 40)}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place.
            <tr key={index}>
              {columns.map((name) => (
                <td key={name}>{row[name] !== undefined && <Value value={row[name]} />}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The columns of a list of small objects; null where it is none. */
function columnsOf(items: Json[]): string[] | null {
  const columns = new Set<string>();
  for (const item of items) {
    if (!isJsonObject(item)) return null;
    for (const [name, value] of Object.entries(item)) {
      if (!isShort(value) || String(value).length > SHORT_CELL) return null;
      columns.add(name);
    }
    if (columns.size > MOST_COLUMNS) return null;
  }
  return columns.size > 1 && items.length > 1 ? [...columns] : null;
}

/** Code that is quoted loses its lines and its stars as Markdown; most schemas call it by one of a few names. */
function isCode(name: string, value: Json): value is string {
  if (typeof value !== 'string' || isShort(value)) return false;
  return isUnifiedDiff(value) || (/^(code|evidence|snippet|source|patch|diff)$/i.test(name) && !value.includes('```'));
}

function isShort(value: Json): boolean {
  if (typeof value === 'string') return value.length <= SHORT_TEXT && !value.includes('\n');
  return typeof value !== 'object' || value === null;
}

function propertyOf(schema: JsonObject, root: JsonObject, name: string): JsonObject {
  const { properties, additionalProperties } = schema;
  const own = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
  return resolvedProperty(root, own ?? {});
}
