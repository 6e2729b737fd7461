/** The content script of sites that are told of Windows 11. */

import { disguise, isSites } from "./disguise.ts";
import { stories } from "./story.ts";

if (isSites(window)) disguise(window, stories["windows-11"]);
