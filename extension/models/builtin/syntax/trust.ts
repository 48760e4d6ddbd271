import { lastName } from './code.ts';

/** What is known by name: where values come from outside, and what makes them harmless. */
const REQUEST =
  /^(await)?\(?(this\.|self\.)?(req|request|ctx|context\.req|event|flask\.request|c\.req|evt)\.(body|query|params|param|headers?|cookies|url|originalUrl|path|files?|args|form|values|json|data|GET|POST|FILES|get_json|get_data|META|COOKIES|match_info|rel_url|query_params|path_params|request|get|queryStringParameters|pathParameters|get_argument|get_arguments)\b|^(self|this)\.(get_argument|get_query_argument|get_body_argument|request)\b|^(input|raw_input|prompt)\(|^(window\.|document\.)?location\.(search|hash|href|pathname)|^(document\.)?(cookie|referrer)\b|^window\.name\b|^(sys\.stdin|process\.stdin)|searchParams\.get\(|^(sys\.argv|process\.argv)/;
const TRUSTED =
  /^(process\.env|os\.environ|os\.getenv|environ|import\.meta|__dirname|__filename|__file__|process\.(cwd|pid|platform|execPath|version)|settings\.|config\.|app\.config|current_app\.config|sys\.(executable|platform|prefix|version)|os\.(sep|path\.dirname|getcwd|getpid|path\.expanduser)|Date\.now|new\.target|datetime\.|time\.time|uuid|os\.tmpdir|tempfile\.|crypto\.random|secrets\.|randomUUID|require\.resolve|logging\.)/;
const SANITIZERS =
  /^(quote|shlex_quote|escape\w*|html_?escape|sanitize\w*|sanitise\w*|purify|clean|bleach|encodeURIComponent|escapeId|escapeShellArg|shellescape|secure_filename|basename|quote_plus|quote_ident|quote_name|encodeHTML|stripTags|htmlspecialchars|escapeHtml|safe_join|toSafe\w*|Identifier|SQL|slugify|validate\w*|DOMPurify|stringify|hexdigest|hexlify|b64encode|urlencode|literal_eval|safe_load|createHash|toISOString|isoformat|strftime|hash|sha256|md5)$/;
const NUMERIC =
  /^(parseInt|parseFloat|Number|Boolean|int|float|bool|len|abs|round|floor|ceil|max|min|sum|ord|toFixed|count|indexOf|getTime|range|isinstance|hasOwnProperty|includes|has|test|startsWith|endsWith|Decimal|UUID|ObjectId|BigInt|valueOf|charCodeAt|isInteger|id|random|randint|perf_counter)$/;

/** Whether an expression, by its text, reads what somebody outside has sent. */
export function isRequest(text: string): boolean {
  return REQUEST.test(text.slice(0, 200));
}

/** Values that those who run the program choose, not those who use it. */
export function isTrusted(text: string): boolean {
  return TRUSTED.test(text);
}

export function isSanitizer(callee: string): boolean {
  return SANITIZERS.test(lastName(callee)) || /\b(DOMPurify|bleach|sanitizer|validator|shlex|he)\.\w+$/.test(callee);
}

export function isNumeric(callee: string): boolean {
  return NUMERIC.test(lastName(callee));
}
