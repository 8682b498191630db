import type { ComponentProps } from "preact";
import { Icon, type IconName } from "./icon";

type Props = Omit<ComponentProps<"button">, "icon" | "label"> & { icon: IconName; label: string; small?: boolean };

/** A button that shows only an icon: its label is its name and its hint. */
export function IconButton({ icon, label, small = false, ...rest }: Props) {
  return (
    <button type="button" class={`icon-button${small ? " small" : ""}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} size={small ? 16 : 18} />
    </button>
  );
}
