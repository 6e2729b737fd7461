// By which user agents the portal's scripts know a system that they serve.

/** "Windows" or "Mac"; undefined for every other. */
export function systemByScript() {
  const { userAgent } = navigator;
  if (userAgent.includes("Windows NT")) return "Windows";
  return userAgent.includes("Intel Mac OS X") ? "Mac" : undefined;
}
