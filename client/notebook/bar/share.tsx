/** A link to this notebook; for someone who is not signed in yet, one that signs them in. */
import { accounts } from '@trialroom/shared/api/endpoints';
import type { Role } from '@trialroom/shared/policy/policy';
import { createSignal, For, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { call } from '../../data/api.ts';
import { may } from '../../data/me.ts';
import { ProblemNote } from '../../shell/states.tsx';

const ROLES: readonly { role: Role; text: string }[] = [
  { role: 'editor', text: 'can edit and run' },
  { role: 'viewer', text: 'can look' },
];

/** Who may come in, and the links that let them. */
export function Share(): JSX.Element {
  const [role, setRole] = createSignal<Role>('editor');
  const [link, setLink] = createSignal<string | null>(null);
  const [failure, setFailure] = createSignal<unknown>(null);
  const [copied, setCopied] = createSignal('');
  const copy = async (text: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(text);
    } catch {
      // Without permission the link is there to be copied by hand.
      setCopied('');
    }
  };
  const invite = async (): Promise<void> => {
    try {
      const { url } = await call(accounts.invite, { body: { role: role() } });
      const address = new URL(url, window.location.href);
      address.pathname = window.location.pathname;
      setLink(address.href);
      setFailure(null);
      await copy(address.href);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <>
      <h2>Share this notebook</h2>
      <p>People of this workspace can open its address.</p>
      <LinkRow label="Address of this notebook" text={window.location.href} copied={copied()} onCopy={copy} />
      <Show when={may('invite')}>
        <p>Someone new comes in with an invitation:</p>
        <fieldset class="radio-row">
          <legend class="vh">What they may do</legend>
          <For each={ROLES}>
            {(choice) => (
              <label>
                <input
                  type="radio"
                  name="role"
                  checked={role() === choice.role}
                  onChange={() => {
                    setRole(choice.role);
                    setLink(null);
                  }}
                />
                {choice.text}
              </label>
            )}
          </For>
          <Button onClick={() => void invite()}>Make a link</Button>
        </fieldset>
        <Show when={link()}>
          {(text) => <LinkRow label="Invitation" text={text()} copied={copied()} onCopy={copy} />}
        </Show>
      </Show>
      <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
    </>
  );
}

function LinkRow(props: {
  label: string;
  text: string;
  copied: string;
  onCopy: (text: string) => Promise<void>;
}): JSX.Element {
  return (
    <div class="link-row">
      <input
        class="mono"
        readonly
        value={props.text}
        aria-label={props.label}
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button icon={props.copied === props.text ? 'check' : 'copy'} onClick={() => void props.onCopy(props.text)}>
        {props.copied === props.text ? 'Copied' : 'Copy'}
      </Button>
    </div>
  );
}
