/** Lower down, so that views and editor have it too. */
export { plain } from '../protocol/plain-text.ts';
