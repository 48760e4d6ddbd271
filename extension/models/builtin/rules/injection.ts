import type { RuleTable } from './rule.ts';

const SQL = '(SELECT|INSERT\\s+INTO|UPDATE|DELETE\\s+FROM|WHERE|ORDER\\s+BY|VALUES|LIKE|DROP\\s+TABLE|FROM)\\b';
const REQUEST = '(\\breq\\.|\\brequest\\.|\\bctx\\.|\\bparams\\.|\\bquery\\.|\\bbody\\.)';

export const injection: RuleTable = {
  ignoreCase: false,
  rules: [
    {
      title: 'SQL put together from text',
      severity: 'critical',
      languages: ['js'],
      pattern: `${SQL}.*(\\$\\{|['"\`]\\s*\\+)|\\.(query|execute|raw|literal|\\$?\\w*[rR]awUnsafe)\\(.*(\\$\\{|['"\`]\\s*\\+)`,
    },
    {
      title: 'SQL put together from text',
      severity: 'critical',
      languages: ['py'],
      pattern: `${SQL}.*(\\{\\w|['"]\\s*%|['"]\\s*\\+|\\.format\\()|\\.(execute|executemany|executescript|raw|extra|read_sql\\w*)\\(\\s*(f['"]|.*['"]\\s*%|.*\\.format\\(|.*['"]\\s*\\+)|\\btext\\(\\s*f['"]`,
    },
    {
      title: 'Command line put together from text',
      severity: 'critical',
      languages: ['js'],
      pattern:
        '(^|[^.\\w])(exec|spawn|execa|execaCommand)\\(|\\b(execSync|spawnSync|execFileSync|execaCommandSync)\\(|\\b(child_process|childProcess|cp|shell|shelljs|proc)\\.(exec|spawn|execFile)\\(|\\bexecAsync\\(|\\bexecPromise\\(',
    },
    {
      title: 'Command line put together from text',
      severity: 'critical',
      languages: ['py'],
      pattern:
        '\\bos\\.(system|popen)\\(|\\bsubprocess\\.(run|call|check_call|check_output|Popen|getoutput|getstatusoutput)\\(|\\bcommands\\.getoutput\\(|create_subprocess_shell\\(|(^|[^.\\w])(Popen|check_output|check_call)\\(|\\.exec_command\\(',
    },
    {
      title: 'Text put into a page without escaping',
      severity: 'high',
      languages: ['js'],
      pattern:
        '\\.(innerHTML|outerHTML)\\s*\\+?=[^=]|document\\.write(ln)?\\(|insertAdjacentHTML\\(|dangerouslySetInnerHTML|\\.(html|append|prepend|after|before)\\(.*(\\$\\{|<.*\\+)|bypassSecurityTrust\\w+\\(|\\b(res|response|reply)(\\.status\\(\\d+\\))?\\.(send|write|end)\\(.*(\\$\\{|\\+|\\breq\\.)',
    },
    {
      title: 'Text put into a page without escaping',
      severity: 'high',
      languages: ['py'],
      pattern:
        '\\b(Markup|mark_safe|format_html|SafeString)\\(|\\bHttpResponse\\(.*(f[\'"]|%|\\+|\\.format|request)|return\\s+f?[\'"]{1,3}\\s*<.*(\\{|%|\\+)|make_response\\(\\s*f?[\'"].*(\\{|%|\\+)|autoescape\\s*=\\s*False|\\bHTMLResponse\\(|\\.write\\(.*<.*(\\{|%|\\+)',
    },
    {
      title: 'Template made from input',
      severity: 'critical',
      languages: ['js', 'py'],
      pattern:
        '\\brender_template_string\\(|\\bfrom_string\\(|(^|[^.\\w])Template\\(|\\b(ejs|pug|jade|handlebars|Handlebars|nunjucks|_|lodash|Mustache|dot|doT)\\.(render|renderString|compile|template)\\(',
    },
    {
      title: 'File path made from input',
      severity: 'high',
      languages: ['js'],
      pattern: `\\b(readFile|readFileSync|createReadStream|createWriteStream|writeFile|writeFileSync|appendFile|appendFileSync|sendFile|sendfile|download|unlink|unlinkSync|readdir|readdirSync|rm|rmSync|stat|statSync)\\(.*(${REQUEST}|[nN]ame\\b|[pP]ath\\b|\\$\\{|\\+)|path\\.(join|resolve)\\(.*${REQUEST}`,
    },
    {
      title: 'File path made from input',
      severity: 'high',
      languages: ['py'],
      pattern:
        '\\b(open|send_file|FileResponse|remove|unlink|listdir|rmtree|read_text|read_bytes)\\(.*(request|filename|file_name|user|args\\[|join\\(|\\+|f[\'"])|os\\.path\\.join\\(.*(request\\.|filename|file_name)',
    },
    {
      title: 'Database filter made from input',
      severity: 'high',
      languages: ['js'],
      pattern:
        '\\.(find|findOne|findOneAndUpdate|findOneAndDelete|updateOne|updateMany|deleteOne|deleteMany|aggregate|countDocuments|remove|update)\\(.*\\breq\\.(body|query|params)|\\$where',
    },
    {
      title: 'Redirect to an address from the request',
      severity: 'medium',
      languages: ['js', 'py'],
      pattern: '\\bredirect\\(.*(\\breq\\.|request\\.|params|query|next|url|target)',
    },
    {
      title: 'Request to an address from outside',
      severity: 'high',
      languages: ['js', 'py'],
      pattern:
        '\\b(fetch|axios|got|needle|request)(\\.(get|post|put|head|delete|request))?\\(.*\\breq\\.|\\brequests\\.(get|post|put|head|delete|request)\\(.*(request\\.|url)|\\burlopen\\(.*(request\\.|url)|\\bhttps?\\.get\\(.*\\breq\\.',
    },
  ],
};
