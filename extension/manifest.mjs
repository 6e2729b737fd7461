// The manifests of the four packages, as data.
//
// A site is switched on by the citizen: https://*/* stands only among the optional permissions, and no content script is declared (the background
// registers the relay for the sites that were granted). The developer build differs by two host permissions for this machine itself, and by nothing else.

/** The public half of a key whose private half was thrown away: it gives the unpacked extension the id that the host's manifest names. */
const chromiumKey =
  "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApLECHAJVlp0x8rpFTYLSCi/KK1W/RZrdg885wD0QbupwGVMjvSsWMFkfubmcG7+L9R+z9lt8yqPlVbocVN1vI5DKY1iLYDEVUBA2blIuPxSWklzr1GCfb5HCBM+zqv5GHSKrGBQvdFSIS3zkeHS0r5CYs3mCEl+99m6QfjSkIneKKFMXHpO8e4HiWjX+5Mk9K6/0Hgphqp/6rQ/dKYTZJ4pLKsjQ2rdKbWzVHppdJC1CUIF9FJY+X9ILqBOdU4R3yU2X1tN7DZgaqKSdi6BxHJTJ7cj0wl35szLxXYpY/cf1OKA808DTAPmHj6pxR6eFbkb8JVmN/QXZqhPOvxwSGwIDAQAB";

const icons = { 16: "icons/16.png", 32: "icons/32.png", 48: "icons/48.png", 128: "icons/128.png" };

const common = {
  manifest_version: 3,
  name: "__MSG_extensionName__",
  description: "__MSG_extensionDescription__",
  version: "0.1.0",
  default_locale: "en",
  icons,
  action: { default_icon: icons, default_title: "__MSG_extensionName__", default_popup: "popup.html" },
  options_ui: { page: "options.html", open_in_tab: true },
  // The headers of a site are only changed where the citizen has the site told of another computer: see docs/decisions/0007-header-rules.md.
  permissions: ["activeTab", "declarativeNetRequestWithHostAccess", "nativeMessaging", "scripting", "storage"],
  optional_host_permissions: ["https://*/*"],
  content_security_policy: {
    extension_pages:
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  },
};

const byBrowser = {
  chromium: {
    key: chromiumKey,
    minimum_chrome_version: "116",
    background: { service_worker: "background.js" },
    storage: { managed_schema: "managed_schema.json" },
  },
  firefox: {
    background: { scripts: ["background.js"] },
    browser_specific_settings: {
      gecko: { id: "natsuin@natsuin.github.io", strict_min_version: "142.0", data_collection_permissions: { required: ["none"] } },
    },
  },
};

/** The patterns that the developer build adds. */
export const developerHosts = ["http://localhost/*", "http://127.0.0.1/*"];

export const browsers = Object.keys(byBrowser);

/** The manifest of one package. */
export function manifest(browser, developer) {
  return { ...common, ...byBrowser[browser], ...(developer ? { host_permissions: developerHosts } : {}) };
}
