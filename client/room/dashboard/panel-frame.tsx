/** The frame of a panel: number, title, what it says of itself, its tools; and its body, once it can be seen. */
import type { Panel } from '@trialroom/shared/room/panel';
import { createSignal, type JSX, onCleanup, onMount, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { fileName, save } from '../../charts/picture.ts';
import { Button } from '../../components/button.tsx';
import { type MenuItem, PopMenu } from '../../components/pop-menu.tsx';
import { may as mayDo } from '../../data/me.ts';
import { useRoom } from '../context.ts';
import { csvText, jsonText, pngFrom, saveText } from '../panels/export.ts';
import type { Offer } from '../panels/kind.ts';
import { kindOf } from '../panels/kinds.ts';
import type { Arranging } from './arranging.ts';
import { Grip } from './grip.tsx';
import { PanelSettingsDialog } from './panel-settings.tsx';
import './panel-frame.css';

/** How far from the screen a panel is made, so that scrolling never shows a hole. */
const NEAR = '400px';

/** Kinds whose bodies never scroll, or scroll by themselves. */
const FIXED: ReadonlySet<string> = new Set(['curves', 'scatter', 'logs']);

export function PanelFrame(props: {
  panel: Panel;
  /** `Fig. 1` for figures; null for what is none. */
  number: number | null;
  arranging: Arranging;
}): JSX.Element {
  const room = useRoom();
  let root: HTMLElement | undefined;
  const [seen, setSeen] = createSignal(false);
  const [inside, setInside] = createSignal(false);
  // Where someone writes nothing is made anew: what is scrolled away while it has the focus stays as it is.
  const near = (): boolean => seen() || inside();
  const [offer, setOffer] = createSignal<Offer>({});
  const [settings, setSettings] = createSignal(false);
  const [problem, setProblem] = createSignal<string | null>(null);
  const id = () => props.panel.id;
  const kind = () => kindOf(props.panel.kind);
  const title = (): string => props.panel.title || kind()?.title(props.panel.settings, room) || '';
  const named = (): string => title() || kind()?.name || props.panel.kind;
  const collapsed = (): boolean => room.view.isCollapsed(id());
  const may = room.dashboard.mayArrange;

  onMount(() => {
    if (!root) return;
    const sight = new IntersectionObserver((entries) => setSeen(entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: NEAR,
    });
    sight.observe(root);
    onCleanup(() => sight.disconnect());
    if (room.view.panel() === id()) queueMicrotask(() => root?.scrollIntoView({ block: 'center' }));
  });

  /** A window that is left keeps its focused element: then the focus has not gone elsewhere. */
  const holds = (target: EventTarget | null): boolean =>
    target instanceof Node && target !== document.body && root?.contains(target) === true;
  const link = (): void => {
    const address = new URL(window.location.href);
    address.hash = `panel=${id()}`;
    history.replaceState(history.state, '', address);
    void navigator.clipboard?.writeText(address.href).catch(() => {});
  };
  const png = async (): Promise<void> => {
    const svg = offer().svg?.();
    if (svg === undefined) return;
    try {
      save(await pngFrom(svg), fileName(named(), 'png'));
      setProblem(null);
    } catch {
      setProblem('The image could not be made here; SVG works everywhere.');
    }
  };
  const items = (): MenuItem[] => {
    const { table, svg, text } = offer();
    const take: MenuItem[] = [
      ...(svg
        ? [
            item('png', 'PNG', 'The picture, at twice its size.', 'download', () => void png()),
            item('svg', 'SVG', 'The picture, sharp at any size.', 'download', () =>
              saveText(svg(), named(), 'svg', 'image/svg+xml'),
            ),
          ]
        : []),
      ...(table
        ? [
            item('csv', 'CSV', 'What it shows, as a table.', 'table', () =>
              saveText(csvText(table()), named(), 'csv', 'text/csv'),
            ),
            item('json', 'JSON', 'What it shows, for programs.', 'table', () =>
              saveText(jsonText(table()), named(), 'json', 'application/json'),
            ),
          ]
        : []),
      ...(text
        ? [item('text', 'Text', 'Its words.', 'download', () => saveText(text(), named(), 'txt', 'text/plain'))]
        : []),
    ];
    const look: MenuItem[] = [
      ...(room.onPinPanel && mayDo('comment')
        ? [
            item('note', 'Pin a note', 'To this panel, in the margin; everyone who looks sees it.', 'comment', () =>
              room.onPinPanel?.(id(), named()),
            ),
          ]
        : []),
      item('link', 'Copy link', 'To this panel, as you see it.', 'link', link),
      item('collapse', collapsed() ? 'Open' : 'Fold away', 'For you only.', 'down', () =>
        room.view.collapse(id(), !collapsed()),
      ),
    ];
    const arrange: MenuItem[] = may()
      ? [
          item('earlier', 'Earlier', 'One place towards the beginning.', 'higher', () =>
            props.arranging.shift(id(), -1),
          ),
          item('later', 'Later', 'One place towards the end.', 'lower', () => props.arranging.shift(id(), 1)),
          item('remove', 'Remove', 'For everyone; undo brings it back.', 'trash', () => room.dashboard.remove(id())),
        ]
      : [];
    return [...take, ...look, ...arrange];
  };

  return (
    <section
      ref={root}
      class="panel"
      classList={{ folded: collapsed(), held: props.arranging.held() === id(), here: room.view.panel() === id() }}
      aria-label={named()}
      data-panel={id()}
      data-kind={props.panel.kind}
      onPointerEnter={() => room.pointed(id(), null)}
      onFocusIn={() => {
        setInside(true);
        room.pointed(id(), null);
      }}
      onFocusOut={(event) => setInside(holds(event.relatedTarget ?? document.activeElement))}
    >
      <header class="panel-head">
        <Show when={may()}>
          <Grip panel={props.panel} name={named()} arranging={props.arranging} />
        </Show>
        <Show when={props.number !== null}>
          <span class="fno">Fig. {props.number}</span>
        </Show>
        <Show when={title() !== ''}>
          <h3 title={title()}>{title()}</h3>
        </Show>
        <span class="unit" classList={{ odd: offer().odd?.() ?? false }}>
          {offer().note?.()}
        </span>
        <span class="panel-tools">
          {offer().tools?.()}
          <Show when={may() && (kind()?.fields.length ?? 0) > 0}>
            <Button
              kind="quiet"
              icon="settings"
              aria-label={`Settings of ${named()}`}
              title="Settings"
              onClick={() => setSettings(true)}
            />
          </Show>
          <Button
            kind="quiet"
            icon="expand"
            aria-label={`Show ${named()} alone`}
            title="Fill the screen (Escape comes back)"
            onClick={() => void root?.requestFullscreen?.().catch(() => {})}
          />
          <PopMenu id={`panel-${id()}`} label={named()} title={`More for ${named()}`} items={items} />
        </span>
        <Show when={offer().reading && !collapsed()}>
          <span class="rd num">{offer().reading?.()}</span>
        </Show>
      </header>
      <Show when={problem()}>
        {(words) => (
          <p class="bad sm" role="alert">
            {words()}
          </p>
        )}
      </Show>
      <Show when={!collapsed()}>
        {/* What does not fit is scrolled with the keyboard, too. */}
        <section
          class="panel-body"
          aria-label={`${named()}, content`}
          tabindex={FIXED.has(props.panel.kind) ? undefined : 0}
        >
          <Show when={near() && kind()} fallback={<Unknown kind={kind() ? null : props.panel.kind} />}>
            {(known) => {
              // Its controls go with it: they would act on nothing, and be replaced under the hand.
              onCleanup(() => setOffer({}));
              return (
                <Dynamic
                  component={known().Body}
                  panel={props.panel}
                  settings={props.panel.settings}
                  offer={setOffer}
                />
              );
            }}
          </Show>
        </section>
      </Show>
      <Show when={may() && !collapsed()}>
        <i
          class="panel-corner"
          aria-hidden="true"
          onPointerDown={(event) => props.arranging.beginResize(event, props.panel)}
        />
      </Show>
      <Show when={settings()}>
        <PanelSettingsDialog panel={props.panel} name={named()} onClose={() => setSettings(false)} />
      </Show>
    </section>
  );
}

function Unknown(props: { kind: string | null }): JSX.Element {
  return (
    <Show when={props.kind}>
      {(kind) => (
        <p class="empty">
          This page does not know panels of the kind “{kind()}”. Reload it: the server may have been updated.
        </p>
      )}
    </Show>
  );
}

const item = (id: string, text: string, detail: string, icon: MenuItem['icon'], act: () => void): MenuItem => ({
  ...{ id, text, detail, icon, act },
});
