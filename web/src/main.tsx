import { render } from "preact";
import { App } from "./app/app";
import { followBook } from "./state/book";
import { followDrafts } from "./state/drafts";
import { followInbox } from "./state/inbox";
import { followLibrary } from "./state/library";
import { followNotices } from "./state/notices";
import { followText } from "./state/text";
import { followThreads } from "./state/threads";
import { restore } from "./state/session";
import { applyTheme } from "./state/theme";
import { followUsers } from "./state/users";

applyTheme();
restore();
followLibrary();
followUsers();
followNotices();
followInbox();
followBook();
followText();
followDrafts();
followThreads();

const root = document.getElementById("app");
if (root) render(<App />, root);
