/** What kind of object a page handed over, whichever of its realms made it: an object of an iframe is no instance of this window's classes. */

/** The bytes that an object stands for, as a view of a length that stays, or a Blob; undefined when it is neither. */
export function contentOf(value: unknown): Uint8Array | Blob | undefined {
  if (isBytes(value)) return fixed(value.buffer, value.byteOffset, value.byteLength);
  switch (kindOf(value)) {
    case "ArrayBuffer":
      return fixed(value as ArrayBuffer, 0, (value as ArrayBuffer).byteLength);
    case "Blob":
    case "File":
      return value as Blob;
    default:
      return undefined;
  }
}

export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && kindOf(value) === "Uint8Array";
}

export function isAbortSignal(value: unknown): value is AbortSignal {
  return kindOf(value) === "AbortSignal";
}

/** Whether a value can be awaited: a promise, or what libraries make in its place. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}

/** The name that an object goes by ("File", "Uint8Array"). */
function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** A view that does not grow with its buffer; none of a buffer that was transferred away. */
function fixed(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array | undefined {
  try {
    return new Uint8Array(buffer, offset, length);
  } catch {
    return undefined;
  }
}
