import type { RuleTable } from './rule.ts';

const NAME =
  'api_?key|secret|token|passw(or)?d|passphrase|passwd|pwd|private_?key|access_?key|auth_?key|signing_?key|encryption_?key|credentials?|client_?key|license_?key';
const BOTH = ['js', 'py'] as const;

export const secrets: RuleTable = {
  ignoreCase: true,
  rules: [
    {
      title: 'Private key in the code',
      severity: 'critical',
      languages: BOTH,
      pattern: '-----BEGIN [A-Z ]*PRIVATE KEY-----',
    },
    {
      title: 'Access token in the code',
      severity: 'critical',
      languages: BOTH,
      pattern:
        '\\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|[sr]k_live_[0-9a-zA-Z]{10,}|xox[abprs]-[0-9A-Za-z-]{10,}|AIza[0-9A-Za-z_-]{30,}|eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.)',
    },
    {
      title: 'Credentials in a URL',
      severity: 'high',
      languages: BOTH,
      pattern: '[a-z][a-z0-9+.-]*://[^\\s:@/\'"`]+:[^\\s@/\'"`]{3,}@[^\\s\'"`]+',
    },
    {
      title: 'Secret with a default in the code',
      severity: 'high',
      languages: BOTH,
      pattern: `(environ|getenv|process\\.env|env\\().*(${NAME}|_key).*(,|\\|\\||\\?\\?|\\bor\\b)\\s*b?['"\`][^'"\`]{4,}['"\`]`,
    },
    {
      title: 'Credential in an authorization header',
      severity: 'high',
      languages: BOTH,
      pattern: '[\'"`](Bearer|Basic|token|ApiKey) [A-Za-z0-9._~+/=-]{16,}[\'"`]',
    },
    {
      title: 'Literal where a key belongs',
      severity: 'high',
      languages: BOTH,
      pattern:
        '(jwt\\.(sign|verify|encode|decode)|createHmac|hmac\\.new|cookieParser|cookieSession|createCipheriv|createDecipheriv|Fernet|HTTPBasicAuth|\\.login|AES\\.new|Serializer|pbkdf2Sync|scryptSync)\\(.*[\'"`][^\'"`]{4,}[\'"`]',
    },
    {
      title: 'Credential written into the code',
      severity: 'high',
      languages: BOTH,
      pattern: `(\\bpass|(${NAME})\\w*)['"]?\\]?\\s*(:\\s*[\\w.<>|\\[\\]]+\\s*)?[:=]+\\s*(b|r|rb|await )?['"\`][^'"\`]{4,}['"\`]`,
    },
  ],
};
