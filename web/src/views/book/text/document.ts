/** What shows a chapter's document. With the editor it is most of the page's code, so it comes when it is needed. */
export { DocumentView } from "./document/document-view";
export { Watched } from "./document/watched";
