/** The content script of sites that are told of Windows 10. */

import stories from "./stories.json" with { type: "json" };
import { disguise, isSites } from "./disguise.ts";

if (isSites(window)) disguise(window, stories["windows-10"]);
