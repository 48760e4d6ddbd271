import { dangerousCalls } from './dangerous-calls.ts';
import { injection } from './injection.ts';
import { resourceLeaks } from './resource-leaks.ts';
import type { Lens, RuleTable } from './rule.ts';
import { secrets } from './secrets.ts';
import { swallowedErrors } from './swallowed-errors.ts';
import { weakCrypto } from './weak-crypto.ts';

export const RULES: Record<Lens, RuleTable> = {
  secrets,
  injection,
  'dangerous-calls': dangerousCalls,
  'swallowed-errors': swallowedErrors,
  'resource-leaks': resourceLeaks,
  'weak-crypto': weakCrypto,
};
