/** Which system a visitor seems to use: by headers alone, as e-Tax's servers look (efiling-pages.md §2.3). */

const marks = [["Windows NT", "Windows"], ["Mac OS X", "Mac"], ["CrOS", "ChromeOS"], ["Linux", "Linux"]];

/** What a user agent names. */
function named(agent) {
  return marks.find(([mark]) => agent.includes(mark))?.[1] ?? "unknown";
}

/** "Windows", "Mac", "Linux", "ChromeOS", "unknown"; or "contradictory", when User-Agent and Sec-CH-UA-Platform name different ones. */
export function systemOf({ "user-agent": agent = "", "sec-ch-ua-platform": hint }) {
  const system = named(agent);
  if (hint === undefined) return system; // browsers other than Chromium's kind
  const hinted = { '"Windows"': "Windows", '"macOS"': "Mac", '"Linux"': "Linux", '"Chrome OS"': "ChromeOS" }[hint] ?? "unknown";
  return system === hinted ? system : "contradictory";
}
