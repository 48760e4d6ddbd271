/**
 * Built-ins as they were before the script came, which may put its own in their place. The build puts these where the
 * prelude names them (esbuild's `inject`), so the code itself reads as ever. Methods of values are not among them.
 */
const { defineProperty, entries, freeze, getPrototypeOf, keys } = Object;
const { from, isArray } = Array;
const { floor, max, min, round } = Math;
const { parse, stringify } = JSON;
const { apply, get } = Reflect;
const RealArray = Array;
const RealError = Error;
const RealNumber = Number;
const RealObject = Object;
const RealPromise = Promise;
const RealRangeError = RangeError;
const RealString = String;
const RealTypeError = TypeError;

export {
  apply as 'Reflect.apply',
  defineProperty as 'Object.defineProperty',
  entries as 'Object.entries',
  floor as 'Math.floor',
  freeze as 'Object.freeze',
  from as 'Array.from',
  get as 'Reflect.get',
  getPrototypeOf as 'Object.getPrototypeOf',
  isArray as 'Array.isArray',
  keys as 'Object.keys',
  max as 'Math.max',
  min as 'Math.min',
  parse as 'JSON.parse',
  RealArray as Array,
  RealError as Error,
  RealNumber as Number,
  RealObject as Object,
  RealPromise as Promise,
  RealRangeError as RangeError,
  RealString as String,
  RealTypeError as TypeError,
  round as 'Math.round',
  stringify as 'JSON.stringify',
};
