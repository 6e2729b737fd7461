/**
 * Shapes check values that came from elsewhere (a page, the host, another part of the extension) and give them their types.
 * They are strict: an unknown key is a fault, and the value that comes out is a fresh one made of nothing but what was asked for.
 */

/** A function that returns its value as a `T`, or throws {@link Invalid} naming the path of what is wrong. */
export type Shape<T> = (value: unknown, path: string) => T;

/** The type that a shape gives. */
export type TypeOf<S> = S extends Shape<infer T> ? T : never;

/** A value broke a rule; `field` is the path of the key (`documents[3].digest`), or `message` for the whole. */
export class Invalid extends Error {
  readonly field: string;
  constructor(path: string) {
    super(`${path === "" ? "message" : path} is not valid`);
    this.field = path === "" ? "message" : path;
  }
}

/** What a value is by that shape, or undefined when it is nothing of it. */
export function read<T>(shape: Shape<T>, value: unknown): T | undefined {
  try {
    return shape(value, "");
  } catch (error) {
    if (error instanceof Invalid) return undefined;
    throw error;
  }
}

type Fields = Record<string, Shape<unknown>>;
type Flat<T> = { [K in keyof T]: T[K] };
type Typed<R extends Fields, O extends Fields> = Flat<{ [K in keyof R]: TypeOf<R[K]> } & { [K in keyof O]?: TypeOf<O[K]> }>;

/** Whether a value is what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plain(value: unknown, path: string): Record<string, unknown> {
  if (!isObject(value)) throw new Invalid(path);
  return value;
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** Refuses an object that has a key of its own beside these. One that holds undefined counts as absent; inherited ones are not looked at. */
export function onlyKeys(source: object, known: readonly string[], path: string): void {
  const unknown = Object.keys(source).find((key) => !known.includes(key) && (source as Record<string, unknown>)[key] !== undefined);
  if (unknown !== undefined) throw new Invalid(join(path, unknown.slice(0, longestKey)));
}

/** The most characters of a stranger's key that a fault repeats. */
const longestKey = 40;

/** An object of exactly these keys; those of `optional` may be absent. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no optional keys
export function object<R extends Fields, O extends Fields = {}>(required: R, optional?: O): Shape<Typed<R, O>> {
  const fields: Fields = { ...required, ...optional };
  return (value, path) => {
    const source = plain(value, path);
    const unknown = Object.keys(source).find((key) => !Object.hasOwn(fields, key));
    if (unknown !== undefined) throw new Invalid(join(path, unknown.slice(0, longestKey)));
    const result: Record<string, unknown> = {};
    for (const [key, shape] of Object.entries(fields)) {
      if (Object.hasOwn(source, key)) result[key] = shape(source[key], join(path, key));
      else if (Object.hasOwn(required, key)) throw new Invalid(join(path, key));
    }
    return result as Typed<R, O>;
  };
}

/** An object of these keys whose others are passed over. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no optional keys
export function open<R extends Fields, O extends Fields = {}>(required: R, optional?: O): Shape<Typed<R, O>> {
  const exact = object(required, optional);
  return (value, path) => {
    const source = plain(value, path);
    return exact(Object.fromEntries(Object.entries(source).filter(([key]) => Object.hasOwn(required, key) || (optional && Object.hasOwn(optional, key)))), path);
  };
}

/** One of several objects, told apart by the text of its key `tag`. */
export function variant<M extends Record<string, Shape<unknown>>>(tag: string, shapes: M): Shape<TypeOf<M[keyof M]>> {
  return (value, path) => {
    const name = plain(value, path)[tag];
    if (typeof name !== "string" || !Object.hasOwn(shapes, name)) throw new Invalid(join(path, tag));
    return shapes[name]?.(value, path) as TypeOf<M[keyof M]>;
  };
}

/** One of these texts. */
export function oneOf<const V extends string>(...allowed: readonly V[]): Shape<V> {
  return (value, path) => {
    const found = allowed.find((text) => text === value);
    if (found === undefined) throw new Invalid(path);
    return found;
  };
}

/** A text that passes the test. */
export function text(test: (value: string) => boolean = () => true): Shape<string> {
  return (value, path) => {
    if (typeof value !== "string" || !test(value)) throw new Invalid(path);
    return value;
  };
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): Shape<number> {
  return (value, path) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min || value > max) throw new Invalid(path);
    return value;
  };
}

/** True or false. */
export const boolean: Shape<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new Invalid(path);
  return value;
};

/** A list of `min` to `max` items. */
export function list<T>(item: Shape<T>, min: number, max: number): Shape<T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) throw new Invalid(path);
    return value.map((each: unknown, i) => item(each, `${path}[${i}]`));
  };
}

/** An object of any keys that pass the test, at most `max` of them, with values of one shape. */
export function record<T>(key: (name: string) => boolean, item: Shape<T>, max: number): Shape<Record<string, T>> {
  return (value, path) => {
    const entries = Object.entries(plain(value, path));
    if (entries.length > max) throw new Invalid(path);
    return Object.fromEntries(entries.map(([name, each]) => {
      if (!key(name)) throw new Invalid(join(path, name.slice(0, 40)));
      return [name, item(each, join(path, name))];
    }));
  };
}

/** Standard base64 with padding, of `min` to `max` bytes once decoded. */
export function base64(min: number, max: number): Shape<string> {
  return text((value) => isBase64(value) && base64Length(value) >= min && base64Length(value) <= max);
}

/** Whether a text is standard base64 with padding (RFC 4648 §4). */
export function isBase64(value: string): boolean {
  return value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

/** The number of bytes that a base64 text stands for. */
export function base64Length(value: string): number {
  const padding = value.endsWith("==") ? 2 : value.endsWith("=") ? 1 : 0;
  return (value.length / 4) * 3 - padding;
}
