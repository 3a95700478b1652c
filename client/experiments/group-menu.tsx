/** What trials are grouped by: parameters that differ, each switched on and off. */
import type { Catalogue } from '@trialroom/shared/api/experiments';
import type { JSX } from 'solid-js';
import { PopMenu } from '../components/pop-menu.tsx';

export function GroupMenu(props: {
  group: readonly string[];
  catalogue: Catalogue | null;
  onChange: (group: string[]) => void;
}): JSX.Element {
  const keys = (): { name: string; detail: string }[] => [
    { name: 'experiment', detail: '' },
    ...(props.catalogue?.params ?? [])
      .filter(({ name, distinct }) => distinct > 1 || props.group.includes(name))
      .slice(0, 30)
      .map(({ name, distinct }) => ({ name, detail: `${distinct} values` })),
    ...props.group
      .filter((name) => name !== 'experiment' && !props.catalogue?.params.some((one) => one.name === name))
      .map((name) => ({ name, detail: '' })),
  ];
  return (
    <PopMenu
      id="group-by"
      label="Group by"
      title="Mean and spread over what is the same but for its seed"
      face={<span>{props.group.length === 0 ? 'Group' : `Group: ${props.group.join(', ')}`}</span>}
      items={() =>
        keys().map(({ name, detail }) => ({
          id: name,
          text: name,
          detail,
          icon: 'stack' as const,
          checked: props.group.includes(name),
          act: () =>
            props.onChange(
              props.group.includes(name) ? props.group.filter((one) => one !== name) : [...props.group, name],
            ),
        }))
      }
    />
  );
}
