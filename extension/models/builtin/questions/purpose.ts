/** What a name says something is for. */
const SECURITY =
  /(^|[^a-z])(passw|pwd|passphrase|token|secret|session|auth|credential|csrf|xsrf|otp|nonce|salt|api_?key|private_?key|access_?key|signing|signature|sign_|reset|verif|login|cookie|licen[cs]e|voucher|coupon|invite|invitation|pin(_|$|code)|recovery|activation|confirm|captcha|encrypt|cipher|magic_?link|one_?time|security|jwt|hmac|key_?gen)/i;
const CAMEL_SECURITY =
  /(Passw|Pwd|Token|Secret|Session|Auth|Credential|Csrf|Otp|OTP|Nonce|Salt|ApiKey|PrivateKey|AccessKey|Sign(ed|ature)|Reset|Verif|Login|Cookie|Licen|Voucher|Coupon|Invit|Pin($|Code)|Recovery|Activation|Confirm|Captcha|Encrypt|Cipher|MagicLink|OneTime|Security|Jwt|JWT|Hmac|Code$)/;
/** Words that hold one of the above and mean something else. */
const NOT_SECURITY =
  /author(?!iz|is)|tokeni[sz]e|cancellation_?token|cancelToken|next_?token|page_?token|author|tokens?_?(count|used|per|limit|s$)|session_?(storage|count)|design_?token/i;
const OTHER =
  /(^|[^a-z])(cache|etag|checksum|check_?sum|fingerprint|dedup|dedupe|duplicate|content|asset|file|digest|short|version|gravatar|avatar|colou?r|bucket|shard|partition|memo|url|uri|path|slug|thumb|chunk|revision|manifest|build|sri|name|filename|image|body|buffer|bytes|data|html|text|line|query|row|document|doc|etags|integrity|hash_?file|key_?for|id|identifier|ring|node|feature|experiment|variant|rollout|percentage|template|source|snapshot|payload|stream|blob|commit|tree|e?mail)(_|[^a-z]|$)/i;
const CAMEL_OTHER =
  /(Cache|ETag|Etag|Checksum|Fingerprint|Dedup|Content|Asset|File|Short|Version|Gravatar|Avatar|Colou?r|Bucket|Shard|Partition|Memo|Url|Path|Slug|Thumb|Chunk|Revision|Manifest|Build|Name|Image|Body|Html|Text|Digest|Id$|Variant|Rollout)/;

export function isForSecurity(name: string): boolean {
  return (SECURITY.test(name) || CAMEL_SECURITY.test(name)) && !NOT_SECURITY.test(name);
}

export function isForSomethingElse(name: string): boolean {
  return OTHER.test(name) || CAMEL_OTHER.test(name);
}
