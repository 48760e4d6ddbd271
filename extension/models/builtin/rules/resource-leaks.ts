import type { RuleTable } from './rule.ts';

export const resourceLeaks: RuleTable = {
  ignoreCase: false,
  rules: [
    {
      title: 'File handle that may stay open',
      severity: 'medium',
      languages: ['js'],
      pattern:
        '\\b(fs|fsp|fsPromises|promises|fse)\\.(open|openSync|opendir|opendirSync)\\(|(^|[^.\\w])(openSync|opendirSync)\\(|(=|await)\\s*open\\(',
    },
    {
      title: 'Stream that may stay open',
      severity: 'low',
      languages: ['js'],
      pattern: '\\bcreate(Read|Write)Stream\\(',
    },
    {
      title: 'Connection that may stay open',
      severity: 'medium',
      languages: ['js'],
      pattern:
        '\\bcreateConnection\\(|\\.getConnection\\(|\\b\\w*[pP]ool\\.connect\\(|\\bMongoClient\\.connect\\(|new\\s+(pg\\.)?(Client|MongoClient)\\(|\\b(net|tls|amqp|amqplib)\\.connect\\(|\\bnew\\s+(sqlite3\\.)?Database\\(|\\.startSession\\(|\\.acquire\\(|\\.getClient\\(|\\bcreateClient\\(',
    },
    {
      title: 'Browser that may stay open',
      severity: 'medium',
      languages: ['js', 'py'],
      pattern:
        '\\b(puppeteer|chromium|firefox|webkit|playwright\\.\\w+|p\\.\\w+)\\.launch\\(|webdriver\\.(Chrome|Firefox|Remote|Edge)\\(',
    },
    {
      title: 'File that may stay open',
      severity: 'medium',
      languages: ['py'],
      pattern:
        '(=|return|yield|await|\\(|,|\\bin)\\s*(io\\.|codecs\\.|gzip\\.|bz2\\.|lzma\\.|os\\.|tarfile\\.|wave\\.|tokenize\\.)?(fd)?open\\(|^\\s*open\\(|=\\s*[\\w.]+\\.open\\(|=\\s*(zipfile\\.)?ZipFile\\(|\\b(tempfile\\.)?(mkstemp|mkdtemp|NamedTemporaryFile|TemporaryFile)\\(',
    },
    {
      title: 'Connection that may stay open',
      severity: 'medium',
      languages: ['py'],
      pattern:
        '=\\s*(await\\s+)?(socket\\.socket|(socket\\.)?create_connection|[\\w.]*connect|[\\w.]*getconn|[\\w.]*\\.acquire|(smtplib\\.)?SMTP(_SSL)?|(ftplib\\.)?FTP(_TLS)?|[\\w.]*SSHClient|[\\w.]*urlopen|(requests\\.)?[sS]ession|(aiohttp\\.)?ClientSession|httpx\\.(Async)?Client|(imaplib\\.)?IMAP4(_SSL)?|http\\.client\\.HTTPS?Connection|HTTPS?Connection)\\(',
    },
    {
      title: 'Process or pool that nobody waits for',
      severity: 'low',
      languages: ['py'],
      pattern:
        '=\\s*(subprocess\\.)?Popen\\(|=\\s*[\\w.]*(ThreadPoolExecutor|ProcessPoolExecutor)\\(|=\\s*(multiprocessing\\.|mp\\.)?Pool\\(',
    },
    {
      title: 'Lock that may stay taken',
      severity: 'medium',
      languages: ['py'],
      pattern: '^\\s*(await\\s+)?[\\w.]*([lL]ock|[mM]utex|[sS]em\\w*)\\.acquire\\(',
    },
  ],
};
