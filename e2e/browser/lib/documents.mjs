/** Documents to sign, with invented content. */

/** A PDF of that many empty pages (A4), with a cross-reference table (ISO 32000-1 §7.5.4). */
export function pdf(pages) {
  const numbers = Array.from({ length: pages }, (_, i) => i + 3);
  const bodies = [
    "<</Type/Catalog/Pages 2 0 R>>",
    `<</Type/Pages/Count ${pages}/Kids[${numbers.map((number) => `${number} 0 R`).join(" ")}]>>`,
    ...numbers.map(() => "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>"),
  ];
  let text = "%PDF-1.7\n";
  const entries = bodies.map((body, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return `${String(at).padStart(10, "0")} 00000 n \n`;
  });
  const table = text.length;
  text += `xref\n0 ${bodies.length + 1}\n0000000000 65535 f \n${entries.join("")}trailer\n<</Size ${bodies.length + 1}/Root 1 0 R>>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(text, "latin1");
}

/** An XTX as e-Tax has them (its shape: efiling-pages.md §3.2). */
export const xtx = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<DATA xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu" xmlns:gen="http://xml.e-tax.nta.go.jp/XSD/general" id="DATA">
<PTE0010 VR="1.0" id="PTE0010"><CATALOG id="CATALOG"><gen:title>開始届出</gen:title></CATALOG><CONTENTS id="CONTENTS">見本　太郎</CONTENTS></PTE0010>
</DATA>
`);

/** A kousei.xml as e-Gov has them (its shape: efiling-pages.md §3.3). */
export const kousei = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="kousei.xsl"?>
<DataRoot><構成情報 ID="構成情報"><申請者><氏名>見本　太郎</氏名></申請者></構成情報></DataRoot>
`);

export const contract = Buffer.from(`<契約 id="K1"><甲 id="A1">見本　太郎</甲><乙 id="B1">見本　花子</乙></契約>\n`);

export const doctype = Buffer.from(`<!DOCTYPE a [<!ENTITY b "見本">]><a>&b;</a>\n`);

/** A picture for a seal: 32 by 32 pixels, squares of vermilion and of nothing. */
export const picture = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAYAAABzenr0AAAAOUlEQVR42u3QMQ0AQAgEQeTgXwS2/h1ARcWQXEky2YjhKvN12/4HAADYB0gMAACgEAAAgMQAAOcBH/y9Kj2GTzgmAAAAAElFTkSuQmCC", "base64");
