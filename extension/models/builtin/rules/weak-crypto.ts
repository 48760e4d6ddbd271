import type { RuleTable } from './rule.ts';

export const weakCrypto: RuleTable = {
  ignoreCase: false,
  rules: [
    {
      title: 'Broken hash function',
      severity: 'medium',
      languages: ['js'],
      pattern:
        'create(Hash|Hmac)\\(\\s*[\'"`](md4|md5|sha1|sha-1|MD5|SHA1|ripemd160)[\'"`]|\\b(md5|sha1|CryptoJS\\.(MD5|SHA1))\\(|digest\\(\\s*[\'"`]SHA-1|algorithm\\w*\\s*[:=]\\s*[\'"`](md5|sha1)[\'"`]',
    },
    {
      title: 'Broken hash function',
      severity: 'medium',
      languages: ['py'],
      pattern:
        '\\bhashlib\\.(md4|md5|sha1)\\b|hashlib\\.new\\(\\s*[\'"](md4|md5|sha1)|(^|[^.\\w])(md5|sha1)\\(|\\b(MD5|SHA1?)\\.new\\(|hashes\\.(MD5|SHA1)\\(',
    },
    {
      title: 'Broken cipher or mode',
      severity: 'high',
      languages: ['js'],
      pattern:
        '\\bcreate(De)?[cC]ipher\\(|create(De)?[cC]ipheriv\\(\\s*[\'"`](des|rc4|rc2|bf|[a-z0-9-]*ecb)|[\'"`](aes-\\d+-ecb|des-\\w+|des|des3|rc4|rc2)[\'"`]|CryptoJS\\.(DES|TripleDES|RC4|mode\\.ECB)',
    },
    {
      title: 'Broken cipher or mode',
      severity: 'high',
      languages: ['py'],
      pattern:
        '\\bMODE_ECB\\b|\\b(DES3?|ARC4|ARC2|Blowfish)\\.new\\(|modes\\.ECB\\(|algorithms\\.(ARC4|TripleDES|Blowfish|IDEA)\\(',
    },
    {
      title: 'Predictable randomness',
      severity: 'high',
      languages: ['js'],
      pattern: '\\bMath\\.random\\(|\\bpseudoRandomBytes\\(',
    },
    {
      title: 'Predictable randomness',
      severity: 'high',
      languages: ['py'],
      pattern:
        '\\brandom\\.(random|randint|randrange|choice|choices|sample|getrandbits|uniform|shuffle|seed|randbytes)\\(|\\bnp\\.random\\.|(^|[^.\\w])(randint|choices?)\\(|\\buuid1\\(',
    },
    {
      title: 'Old protocol version',
      severity: 'high',
      languages: ['js', 'py'],
      pattern:
        '\\bPROTOCOL_(SSLv2|SSLv3|SSLv23|TLSv1|TLSv1_1)\\b|(minVersion|secureProtocol|min_version)[\'"]?\\s*[:=]\\s*[\'"`](TLSv1|TLSv1\\.1|SSLv3_method|TLSv1_method|SSLv3)[\'"`]|TLSVersion\\.(SSLv3|TLSv1|TLSv1_1)\\b',
    },
    {
      title: 'Signature that is not checked',
      severity: 'critical',
      languages: ['js', 'py'],
      pattern:
        'verify_signature[\'"]?\\s*[:=]\\s*(False|false)|algorithms?[\'"]?\\s*[:=]\\s*\\[?\\s*[\'"`]none[\'"`]|jwt\\.decode\\(.*verify\\s*=\\s*False|jwt\\.(decode|decode_complete)\\(',
    },
    {
      title: 'Key derivation too cheap',
      severity: 'medium',
      languages: ['js', 'py'],
      pattern:
        '\\bpbkdf2(Sync|_hmac)?\\(|\\bPBKDF2\\w*\\(|\\bbcrypt\\.(hash|hashSync|genSalt|genSaltSync|gensalt)\\(|modulusLength\\s*:\\s*(512|768|1024)\\b|\\bRSA\\.generate\\(|generate_private_key\\(|key_size\\s*=\\s*(512|768|1024)\\b',
    },
    {
      title: 'Initialisation vector that never changes',
      severity: 'medium',
      languages: ['js', 'py'],
      pattern:
        '\\b(iv|IV|nonce|salt|SALT|NONCE)\\w*\\s*(:\\s*\\w+\\s*)?[:=]\\s*(b[\'"]|[\'"`]|Buffer\\.(alloc|from)\\(|bytes\\(|bytearray\\(|new\\s+Uint8Array\\()',
    },
  ],
};
