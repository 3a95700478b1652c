import { archiveUrl, artifactUrl } from '@trialroom/shared/api/results';
import type { Artifact } from '@trialroom/shared/trial/artifact';
import { createSignal, For, type JSX, Show } from 'solid-js';
import { bytes, clock, count } from '../components/figures.ts';
import { Icon } from '../components/icon.tsx';
import { now } from '../components/now.ts';

/** The files of a trial: what they are, how large, and by which hash they are known. */
export function Artifacts(props: { trial: string; artifacts: readonly Artifact[] }): JSX.Element {
  const [copied, setCopied] = createSignal('');
  const copy = async (sha256: string) => {
    await navigator.clipboard.writeText(sha256);
    setCopied(sha256);
  };
  const total = () => props.artifacts.reduce((sum, artifact) => sum + artifact.bytes, 0);
  return (
    <section id="artifacts" class="rs-artifacts" aria-label="Artifacts">
      <div class="sh">
        <h2>Artifacts</h2>
        <span class="c num">
          {count(props.artifacts.length)}, {bytes(total())}
        </span>
        <a class="r" href={archiveUrl(props.trial)} download="">
          Download all
        </a>
      </div>
      <div class="scroll">
        <table class="tbl num">
          <thead>
            <tr>
              <th>name</th>
              <th>kind</th>
              <th class="n">size</th>
              <th class="n">version</th>
              <th>SHA-256</th>
              <th class="n">kept</th>
            </tr>
          </thead>
          <tbody>
            <For each={props.artifacts}>
              {(artifact) => (
                <tr>
                  <td>
                    <a class="tl mono" href={artifactUrl(props.trial, artifact.name)} download="">
                      <Icon name="download" /> {artifact.name}
                    </a>
                  </td>
                  <td class="i3">{artifact.kind}</td>
                  <td class="n">{bytes(artifact.bytes)}</td>
                  <td class="n">{count(artifact.version)}</td>
                  <td>
                    <button
                      type="button"
                      class="tl mono"
                      title={`Copy ${artifact.sha256}`}
                      onClick={() => void copy(artifact.sha256)}
                    >
                      {artifact.sha256.slice(0, 12)}
                      <Show when={copied() === artifact.sha256}>
                        <span role="status"> copied</span>
                      </Show>
                    </button>
                  </td>
                  <td class="n">{clock(artifact.at, now())}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </section>
  );
}
