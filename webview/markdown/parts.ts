/** All that the second script holds; `load.ts` brings it. */
export { default as Markdown } from 'react-markdown';
export { default as remarkGfm } from 'remark-gfm';
