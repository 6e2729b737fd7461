/** What a site may want signed: the message of a page that holds the arguments of `sign`. docs/page-api.md tells it to sites. */

import { base64, base64Length, boolean, integer, Invalid, list, object, oneOf, text, variant, type Shape, type TypeOf } from "../shape.ts";

const MiB = 1 << 20;
const maxBytes = 256 * MiB;
const maxAttached = 8 * MiB;
const maxXML = 32 * MiB;
const maxMessage = MiB;
const maxMessages = 4 * MiB;
/** The most bytes of a seal's picture. */
export const maxPicture = MiB / 2;
export const maxDocuments = 1000;
const maxFiles = 256;
const maxElements = 64;

/** The hash functions, with the length of a digest in hex. */
const hexLengths = { "SHA-256": 64, "SHA-384": 96, "SHA-512": 128 } as const;
type HashName = keyof typeof hexLengths;
const hash = oneOf(...(Object.keys(hexLengths) as HashName[]));
const usualHash = "SHA-256";

const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** What can be shown as one line: 1 to 255 bytes without controls. */
const line = text((value) => {
  const bytes = value.isWellFormed() ? new TextEncoder().encode(value).length : 0;
  return bytes >= 1 && bytes <= 255 && !controls.test(value);
});

const sizedFields = { name: line, size: integer(0, maxBytes) };
const digestedFields = { name: line, digest: text((hex) => /^[0-9a-f]+$/.test(hex)), hash };
/** A signature that is there already, and gets one more signer. */
const message = base64(1, maxMessage);

/** A document whose bytes follow in chunks. */
const sized = object(sizedFields);
export type Sized = TypeOf<typeof sized>;

/** A document of which only the digest is known. */
interface Digested { name: string; digest: string; hash: HashName }

/** A document as it is announced. */
export type DocumentInfo = Sized | Digested;

const documentInfo = announced(sized, object(digestedFields));
const cosignable = announced(object(sizedFields, { message }), object(digestedFields, { message }));

/** A document by its bytes or by its digest, which is as long as its hash wants. */
function announced<S, D extends Digested>(bytes: Shape<S>, digest: Shape<D>): Shape<S | D> {
  return (value, path) => {
    if (typeof value === "object" && value !== null && "size" in value) return bytes(value, path);
    const document = digest(value, path);
    if (document.digest.length !== hexLengths[document.hash]) throw new Invalid(`${path}.digest`);
    return document;
  };
}

/** Whole points (1/72 inch), from the lower left corner of the page. */
const place = { page: integer(1, 1_000_000), x: integer(0, 1_000_000), y: integer(0, 1_000_000), size: integer(8, 600) };
const written = object({ ...place, text: text((value) => value !== "" && Array.from(value).length <= 8 && value.isWellFormed() && !controls.test(value)) }, { ring: boolean });
const pictured = object({ ...place, picture: base64(1, maxPicture) }, { ring: boolean });

/** The visible mark of a signature on a page: a text or a PNG. */
const seal: Shape<TypeOf<typeof written> | TypeOf<typeof pictured>> = (value, path) =>
  typeof value === "object" && value !== null && "picture" in value ? pictured(value, path) : written(value, path);

/** The profiles of signatures inside a document, the usual one first, and what an XML signature takes with each. */
const pdfProfiles = ["pades", "moj"] as const;
const xmlProfiles = {
  enveloped: { elements: maxElements, files: true, xades: true },
  etax: { elements: 1, files: false, xades: false },
  egov: { elements: 1, files: true, xades: false },
  detached: { elements: 0, files: true, xades: true },
} as const;

const documents = <T>(document: Shape<T>) => list(document, 1, maxDocuments);
const type = oneOf("sign");

const fields = variant("format", {
  cms: object({ type, format: oneOf("cms"), documents: documents(cosignable) }, { hash, attached: boolean }),
  pdf: object({ type, format: oneOf("pdf"), documents: documents(sized) }, { hash, profile: oneOf(...pdfProfiles), seal }),
  xml: object(
    { type, format: oneOf("xml"), documents: documents(sized) },
    { hash, profile: oneOf(...(Object.keys(xmlProfiles) as (keyof typeof xmlProfiles)[])), xades: boolean, elements: list(line, 1, maxElements), files: list(documentInfo, 1, maxFiles) },
  ),
  raw: object({ type, format: oneOf("raw"), documents: documents(documentInfo) }, { hash }),
});

export type SignPayload = TypeOf<typeof fields>;
type PayloadOf<F extends SignPayload["format"]> = Extract<SignPayload, { format: F }>;

/** The arguments of `sign`. */
export const sign: Shape<SignPayload> = (value, path) => {
  const request = fields(value, path);
  if (bytesOf(contentsOf(request)) > maxBytes) throw new Invalid("documents");
  switch (request.format) {
    case "cms":
      checkCMS(request);
      return request;
    case "pdf":
      if (request.profile === "moj" && (request.hash ?? usualHash) !== usualHash) throw new Invalid("hash");
      return request;
    case "xml":
      checkXML(request);
      return request;
    case "raw":
      checkRaw(request);
      return request;
  }
};

/** All that a request signs, in the order in which the bytes are sent: its documents, then the files signed along. */
export function contentsOf(request: { documents: readonly DocumentInfo[]; files?: readonly DocumentInfo[] }): readonly DocumentInfo[] {
  return [...request.documents, ...(request.files ?? [])];
}

function bytesOf(documents: readonly DocumentInfo[]): number {
  return documents.reduce((sum, document) => sum + ("size" in document ? document.size : 0), 0);
}

/** A message with the content in it needs the content, and joins no other. */
function checkCMS({ documents, attached = false }: PayloadOf<"cms">): void {
  if (attached) {
    refuse("documents", "digest", documents, (document) => "digest" in document);
    refuse("documents", "message", documents, (document) => "message" in document);
    if (bytesOf(documents) > maxAttached) throw new Invalid("documents");
  }
  if (documents.reduce((sum, { message = "" }) => sum + base64Length(message), 0) > maxMessages) throw new Invalid("documents");
}

function checkXML({ profile = "enveloped", documents, hash = usualHash, xades = false, elements = [], files = [] }: PayloadOf<"xml">): void {
  const takes = xmlProfiles[profile];
  if (xades && !takes.xades) throw new Invalid("xades");
  if (elements.length > takes.elements) throw new Invalid("elements");
  const again = elements.findIndex((id, i) => elements.indexOf(id) < i);
  if (again >= 0) throw new Invalid(`elements[${again}]`);
  if (files.length > 0 && !takes.files) throw new Invalid("files");
  refuse("documents", "size", documents, ({ size }) => size > maxXML);
  if (profile === "detached" || files.length > 0) refuse("documents", "name", documents, ({ name }) => !isFileName(name));
  if (files.length > 0 && documents.length > 1) throw new Invalid("documents");
  const names = contentsOf({ documents, files }).map(({ name }) => name);
  refuse("files", "name", files, ({ name }, i) => !isFileName(name) || names.indexOf(name) < documents.length + i);
  refuse("files", "hash", files, (file) => "hash" in file && file.hash !== hash);
}

/** Whether that can be a file beside the document: an XML signature names it so. */
function isFileName(name: string): boolean {
  return name !== "." && name !== ".." && !/[/\\\ufffd]/.test(name);
}

/** One `algorithm` is told for all signatures of a raw request. */
function checkRaw({ documents, hash = usualHash }: PayloadOf<"raw">): void {
  const [first, ...others] = documents.map((document) => ("hash" in document ? document.hash : hash));
  const other = others.findIndex((each) => each !== first);
  if (other >= 0) throw new Invalid(`documents[${other + 1}].hash`);
}

/** Refuses the first entry of a list that is such. */
function refuse<T>(list: string, key: string, entries: readonly T[], isSuch: (entry: T, index: number) => boolean): void {
  const found = entries.findIndex(isSuch);
  if (found >= 0) throw new Invalid(`${list}[${found}].${key}`);
}
