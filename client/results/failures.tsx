import type { ClassificationEvaluation } from '@trialroom/shared/trial/evaluation';
import { createSignal, For, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { count, figure } from '../components/figures.ts';
import { Input, SampleCard } from './sample.tsx';

const FIRST = 8;

/** The worst predictions, with what they resemble. */
export function Failures(props: { evaluation: ClassificationEvaluation }): JSX.Element {
  const [all, setAll] = createSignal(false);
  const shown = () => (all() ? props.evaluation.worst : props.evaluation.worst.slice(0, FIRST));
  return (
    <section id="failures" class="rs-failures" aria-label="Failures">
      <div class="sh">
        <h2>Failures</h2>
        <span class="c">the worst first, each with the examples that are most like it</span>
        <Show when={props.evaluation.leftOut > 0}>
          <span class="r">{count(props.evaluation.leftOut)} inputs are not shown for want of room</span>
        </Show>
      </div>
      <Show when={props.evaluation.worst.length > 0} fallback={<p class="empty">No example was misjudged.</p>}>
        <ul class="samples wide">
          <For each={shown()}>
            {({ sample, loss, neighbours }) => (
              <Show when={props.evaluation.samples[sample]}>
                {(found) => (
                  <SampleCard sample={found()} classes={props.evaluation.classes}>
                    <p class="i3 num">
                      <Show when={loss !== null}>loss {figure(loss ?? 0, 3)}</Show>
                    </p>
                    <Show when={neighbours.length > 0}>
                      <ul class="near" aria-label="Most like it">
                        <For each={neighbours}>
                          {(near) => (
                            <Show when={props.evaluation.samples[near.sample]}>
                              {(other) => (
                                <li
                                  classList={{ same: other().truth === found().predicted }}
                                  title={`${props.evaluation.classes[other().truth]}, at a distance of ${figure(near.distance)}`}
                                >
                                  <Show when={other().input}>
                                    {(input) => <Input preview={input()} name={`Neighbour ${other().id}`} />}
                                  </Show>
                                  <span>{props.evaluation.classes[other().truth]}</span>
                                </li>
                              )}
                            </Show>
                          )}
                        </For>
                      </ul>
                    </Show>
                  </SampleCard>
                )}
              </Show>
            )}
          </For>
        </ul>
        <Show when={!all() && props.evaluation.worst.length > FIRST}>
          <Button onClick={() => setAll(true)}>Show all {count(props.evaluation.worst.length)}</Button>
        </Show>
      </Show>
    </section>
  );
}
