import type { Member } from "quire-client";
import { Avatar } from "../../../components/avatar";

interface Props {
  id: string;
  members: readonly Member[];
  chosen: number;
  onChoose: (member: Member) => void;
}

/** Members whose names begin as typed. The focus stays in the text; arrows and Enter choose. */
export function MentionList({ id, members, chosen, onChoose }: Props) {
  return (
    <ul class="mention-list" id={id} role="listbox" aria-label="Members">
      {members.map((member, index) => (
        <li
          key={member.user}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(member);
          }}
        >
          <Avatar user={member.user} name={member.name} small /> {member.name}
        </li>
      ))}
    </ul>
  );
}
