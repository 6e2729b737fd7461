/** What kind of object a page handed over, whichever of its realms made it: an object of an iframe is no instance of this window's classes. */

/** The content that an object stands for, as it is now; undefined when it is neither bytes nor a Blob. Blobs never change. */
export function contentOf(value: unknown): Blob | undefined {
  if (isBytes(value)) return frozen(value.buffer, value.byteOffset, value.byteLength);
  switch (kindOf(value)) {
    case "ArrayBuffer":
      return frozen(value as ArrayBuffer, 0, (value as ArrayBuffer).byteLength);
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

/** The bytes in a Blob, by one copy; undefined where their buffer was transferred away. */
function frozen(buffer: ArrayBufferLike, offset: number, length: number): Blob | undefined {
  let view: Uint8Array;
  try {
    view = new Uint8Array(buffer, offset, length);
  } catch {
    return undefined;
  }
  return new Blob([isPlain(buffer) ? (view as Uint8Array<ArrayBuffer>) : Uint8Array.from(view)]);
}

/** Whether a Blob takes bytes of that buffer: not while others may write to it or change its size (File API, with Web IDL's [AllowShared] and [AllowResizable]). */
function isPlain(buffer: ArrayBufferLike): boolean {
  return kindOf(buffer) === "ArrayBuffer" && (buffer as { resizable?: boolean }).resizable !== true;
}
