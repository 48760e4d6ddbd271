import type { Pattern, PatternTable } from './rule.ts';

/** Where something from outside comes in, by the names of what lets it in. The title is the kind. */
export const entryPoints: PatternTable<Pattern> = {
  ignoreCase: false,
  rules: [
    {
      title: 'request',
      languages: ['js'],
      pattern:
        '\\b(app|router|server|fastify|api|routes?)\\.(get|post|put|patch|delete|all|use|route)\\(\\s*[\'"`/\\[]|\\bcreateServer\\(|export\\s+(async\\s+)?function\\s+(GET|POST|PUT|PATCH|DELETE)\\b|\\breq(uest)?\\.(body|query|params|headers|cookies)\\b',
    },
    {
      title: 'request',
      languages: ['py'],
      pattern:
        '^\\s*@[\\w.]+\\.(route|get|post|put|patch|delete|websocket)\\(|^\\s*(async\\s+)?def\\s+\\w+\\((self,\\s*)?request\\b|\\brequest\\.(args|form|json|data|values|files|cookies|headers|GET|POST|get_json)\\b',
    },
    {
      title: 'upload',
      languages: ['js', 'py'],
      pattern: '\\b(multer|formidable|busboy)\\(|\\bUploadFile\\b|\\brequest\\.(files|FILES)\\b',
    },
    {
      title: 'message',
      languages: ['js', 'py'],
      pattern:
        '\\bonmessage\\b|addEventListener\\(\\s*[\'"`]message|\\.on\\(\\s*[\'"`](message|connection|request)[\'"`]|\\.(basic_consume|consume)\\(|\\bonDidReceiveMessage\\(',
    },
    {
      title: 'page',
      languages: ['js'],
      pattern: '\\blocation\\.(search|hash|href)\\b|\\bdocument\\.(cookie|referrer)\\b|\\bsearchParams\\b',
    },
    {
      title: 'command line',
      languages: ['js', 'py'],
      pattern:
        '\\bprocess\\.argv\\b|\\bsys\\.argv\\b|\\bArgumentParser\\(|\\bparseArgs\\(|^\\s*@(click|app)\\.(command|option|argument)\\b|\\bprocess\\.stdin\\b|\\bsys\\.stdin\\b',
    },
  ],
};
