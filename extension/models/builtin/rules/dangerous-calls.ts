import type { RuleTable } from './rule.ts';

export const dangerousCalls: RuleTable = {
  ignoreCase: false,
  rules: [
    {
      title: 'Text run as code',
      severity: 'critical',
      languages: ['js'],
      pattern:
        '(^|[^.\\w])eval\\s*\\(|\\b(window|global|globalThis)\\.eval\\(|(^|[^.\\w])Function\\s*\\(|\\bvm\\.(runIn\\w+|compileFunction)\\(|new\\s+(vm\\.)?Script\\(|\\bset(Timeout|Interval)\\(\\s*[\'"`]',
    },
    {
      title: 'Text run as code',
      severity: 'critical',
      languages: ['py'],
      pattern: '(^|[^.\\w])(eval|exec)\\s*\\(|\\bbuiltins\\.(eval|exec)\\(',
    },
    {
      title: 'Deserialising what may carry code',
      severity: 'critical',
      languages: ['js', 'py'],
      pattern:
        '\\b(c?[pP]ickle|dill|marshal|jsonpickle|joblib|cloudpickle)\\.(loads?|decode|Unpickler)\\(|\\bshelve\\.open\\(|read_pickle\\(|\\btorch\\.load\\(|\\byaml\\.(load|load_all|unsafe_load|full_load)\\(|\\bunserialize\\(|\\bserialize\\.deserialize\\(',
    },
    {
      title: 'Certificate check switched off',
      severity: 'high',
      languages: ['js', 'py'],
      pattern:
        'rejectUnauthorized[\'"]?\\s*:\\s*false|NODE_TLS_REJECT_UNAUTHORIZED|strictSSL\\s*:\\s*false|\\bverify\\s*=\\s*False|check_hostname\\s*=\\s*False|CERT_NONE|_create_unverified_context|verify_ssl\\s*=\\s*False|\\bssl\\s*=\\s*False|AutoAddPolicy|WarningPolicy|disable_warnings\\(',
    },
    {
      title: 'Debug server in production',
      severity: 'high',
      languages: ['py'],
      pattern: '\\bdebug\\s*=\\s*True|\\bDEBUG[\'"]?\\]?\\s*=\\s*True',
    },
    {
      title: 'Editor window with the guards down',
      severity: 'high',
      languages: ['js'],
      pattern: 'contextIsolation\\s*:\\s*false|nodeIntegration\\s*:\\s*true|webSecurity\\s*:\\s*false',
    },
    {
      title: 'XML parser that resolves outside entities',
      severity: 'high',
      languages: ['js', 'py'],
      pattern: '\\bnoent\\s*:\\s*true|resolve_entities\\s*=\\s*True|feature_external_ges\\s*,\\s*True',
    },
    {
      title: 'Module chosen at run time',
      severity: 'medium',
      languages: ['js', 'py'],
      pattern: '(^|[^.\\w])(require|import)\\(\\s*[^\'")\\s]|\\b__import__\\(|\\bimport_module\\(',
    },
    {
      title: 'File name that somebody else can take first',
      severity: 'medium',
      languages: ['py'],
      pattern: '\\bmktemp\\(|\\bos\\.(tmpnam|tempnam)\\(',
    },
    {
      title: 'File that everybody may change',
      severity: 'medium',
      languages: ['js', 'py'],
      pattern: '\\bchmod(Sync)?\\(.*(0?o?777|0?o?666|S_IRWXO|S_IWOTH)',
    },
    {
      title: 'Archive unpacked without a look at its paths',
      severity: 'medium',
      languages: ['js', 'py'],
      pattern: '\\.extractall\\(|\\bunpack_archive\\(|\\.extractAllTo\\(',
    },
  ],
};
