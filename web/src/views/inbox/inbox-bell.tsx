import { useState } from "preact/hooks";
import { go, libraryHref, routeNotices } from "../../app/route";
import { Icon } from "../../components/icon";
import { plural } from "../../lib/words";
import { unread } from "../../state/inbox";
import { InboxDialog } from "./inbox-dialog";

/** More is not counted where there is no room. */
const SHOWN_MAX = 99;

/** How many things I have not seen yet, and the way to them. */
export function InboxBell() {
  const [open, setOpen] = useState(false);
  const linked = routeNotices.value;
  const close = () => {
    setOpen(false);
    if (linked) go(libraryHref());
  };
  const count = unread.value;
  const label = count === 0 ? "Notices" : `Notices, ${plural(count, "new one", "new ones")}`;
  return (
    <>
      <button type="button" class="icon-button bell" aria-label={label} title={label} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon name="bell" />
        {count > 0 && (
          <span class="bell-count" aria-hidden="true">
            {count > SHOWN_MAX ? `${SHOWN_MAX}+` : count}
          </span>
        )}
      </button>
      {(open || linked) && <InboxDialog choosing={linked} onClose={close} />}
    </>
  );
}
