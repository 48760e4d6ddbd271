/** Writes the licences of everything that is bundled: a licence asks to go along with the copy. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

interface LockedPackage {
  version: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
}

/** Writes `third-party-notices.txt` into `dist`. */
export async function writeThirdPartyNotices(dist: string): Promise<void> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const shipped = Object.entries(lock.packages).filter(
    ([path, { dev }]) => path !== '' && !dev && existsSync(join(root, path)),
  );
  const notices = shipped.map(([path, { version, license }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return `${name} ${version} (${license ?? 'see below'})\n\n${licenceText(join(root, path))}`;
  });
  await writeFile(join(dist, 'third-party-notices.txt'), notices.join(`\n${'-'.repeat(78)}\n\n`));
}

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file ? `${readFileSync(join(folder, file), 'utf8').trim()}\n` : '';
}
