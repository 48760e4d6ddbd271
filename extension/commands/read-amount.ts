export interface AmountRules {
  whole?: boolean;
  most?: number;
  /** Nothing may be typed too, and means null. */
  orNone?: boolean;
}

export type Amount = { ok: true; amount: number | null } | { ok: false; problem: string };

/** Reads a positive number as a person types it. */
export function readAmount(typed: string, { whole = false, most, orNone = false }: AmountRules): Amount {
  const text = typed.trim();
  if (text === '' && orNone) return { ok: true, amount: null };
  const amount = Number(text);
  const kind = whole ? 'whole number' : 'number';
  if (text === '' || !Number.isFinite(amount) || amount <= 0 || (whole && !Number.isInteger(amount)))
    return { ok: false, problem: `This has to be a ${kind} over 0.` };
  if (most !== undefined && amount > most) return { ok: false, problem: `${most} is the most.` };
  return { ok: true, amount };
}
