import { useState } from "preact/hooks";
import type { BookState } from "quire-client";
import { go, libraryHref } from "../../app/route";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { Icon } from "../../components/icon";
import { Menu, type MenuItem } from "../../components/menu";
import { bookFeed, bookLog } from "../../lib/activity";
import { messageOf } from "../../lib/refusal";
import { can, moveToTrash, opened } from "../../state/book";
import { drafts, draftsShown, stranded } from "../../state/drafts";
import { toast } from "../../state/toasts";
import { has } from "../../state/users";
import { ActivityDialog } from "./activity/activity-dialog";
import { DraftsDialog } from "./drafts/drafts-dialog";
import { DownloadDialog } from "./files/download-dialog";
import { FormatDialog } from "./files/format-dialog";
import { PreviewDialog } from "./files/preview-dialog";
import { PointsDialog } from "./history/points-dialog";
import { MetadataDialog } from "./metadata-dialog";
import { RoyaltiesDialog } from "./people/royalties-dialog";
import { ShareDialog } from "./people/share-dialog";
import { WhoIsHere } from "./people/who-is-here";
import { PublishingDialog } from "./publishing/publishing-dialog";
import { ReportDialog } from "./report/report-dialog";

type Open = "share" | "preview" | "format" | "download" | "history" | "royalties" | "publishing" | "activity" | "audit" | "report" | "about" | "leave" | "delete" | null;

/** What concerns the whole book: who is here, who belongs to it, what it says about itself. */
export function BookTools({ state }: { state: BookState }) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const { title } = state;
  const shelve = (into: boolean) => {
    const done = into ? opened().shelve() : opened().unshelve();
    done.then(
      () => toast(into ? `“${title}” is in the library.` : `“${title}” is not in the library any more.`),
      (reason) => toast(messageOf(reason)),
    );
  };
  const items: MenuItem[] = [{ label: "About this book", icon: "info", onSelect: () => setOpen("about") }];
  if (can("preview")) items.push({ label: "Preview", icon: "book", onSelect: () => setOpen("preview") });
  if (can("format")) items.push({ label: "Formatting…", icon: "page", onSelect: () => setOpen("format") });
  if (can("download")) items.push({ label: "Download…", icon: "down", onSelect: () => setOpen("download") });
  if (can("history")) items.push({ label: "History of the book", icon: "history", onSelect: () => setOpen("history") });
  items.push({ label: can("royalties") ? "Royalties…" : "Your royalties", icon: "table", onSelect: () => setOpen("royalties") });
  if (can("publish") || can("moderate")) items.push({ label: "Publishing…", icon: "mark", onSelect: () => setOpen("publishing") });
  items.push({ label: "Activity", icon: "list", onSelect: () => setOpen("activity") });
  if (can("audit")) items.push({ label: "Audit log", icon: "list", onSelect: () => setOpen("audit") });
  if (can("audit")) items.push({ label: "Report", icon: "chart", onSelect: () => setOpen("report") });
  const kept = (drafts.value?.length ?? 0) + stranded.value.length;
  if (kept > 0) items.push({ label: `Drafts (${kept})`, icon: "undo", onSelect: () => void (draftsShown.value = true) });
  if (can("shelve") && state.shelved) {
    items.push({ label: "Take out of the library", icon: "up", onSelect: () => shelve(false) });
  } else if (can("shelve") && has("upload")) {
    items.push({ label: "Bring into the library", icon: "down", onSelect: () => shelve(true) });
  }
  if (can("leave")) items.push({ label: "Leave the book…", icon: "leave", danger: true, onSelect: () => setOpen("leave") });
  if (can("delete_book")) items.push({ label: "Delete the book…", icon: "trash", danger: true, onSelect: () => setOpen("delete") });

  return (
    <div class="book-tools">
      <WhoIsHere />
      <button type="button" class="button share-button" onClick={() => setOpen("share")}>
        <Icon name="people" size={16} />
        <span>{can("manage_members") ? "Share" : "Members"}</span>
      </button>
      <Menu label="This book" icon="book" items={items} />
      {draftsShown.value && <DraftsDialog onClose={() => void (draftsShown.value = false)} />}
      {open === "preview" && <PreviewDialog state={state} onClose={close} />}
      {open === "format" && <FormatDialog state={state} onClose={close} />}
      {open === "download" && <DownloadDialog onClose={close} />}
      {open === "history" && can("history") && <PointsDialog state={state} onClose={close} />}
      {open === "royalties" && <RoyaltiesDialog onClose={close} />}
      {open === "publishing" && (can("publish") || can("moderate")) && <PublishingDialog state={state} onClose={close} />}
      {open === "activity" && <ActivityDialog log={bookFeed(state.id)} title="Activity" onClose={close} />}
      {open === "audit" && can("audit") && <ActivityDialog log={bookLog(state.id)} title="Audit log" onClose={close} />}
      {open === "report" && can("audit") && <ReportDialog id={state.id} onClose={close} />}
      {open === "share" && <ShareDialog onClose={close} onLeave={() => setOpen("leave")} />}
      {open === "about" && <MetadataDialog state={state} onClose={close} />}
      {open === "leave" && (
        <ConfirmDialog
          title="Leave the book?"
          text={`You will no longer see “${title}”. What you wrote stays. To come back you need a new invitation.`}
          action="Leave the book"
          work={async () => {
            await opened().leave();
            toast(`You left “${title}”.`);
            go(libraryHref());
          }}
          onClose={close}
        />
      )}
      {open === "delete" && (
        <ConfirmDialog
          title="Move the book to the trash?"
          text={`“${title}” will be gone for everybody. For 30 days it can be brought back as it is, from the trash below your books.`}
          action="Move to the trash"
          work={moveToTrash}
          onClose={close}
        />
      )}
    </div>
  );
}
