/** How a Vega-Lite chart looks: the page's own colours and type, light or dark, where the specification does not say. */

/** The page's own colours and type, as they are now. */
export function vegaLook() {
  const token = colours();
  const font = getComputedStyle(document.documentElement).getPropertyValue('--voice-instrument').trim();
  const text = { labelColor: token('--ink-3'), titleColor: token('--ink-2'), labelFont: font, titleFont: font };
  const series = Array.from({ length: 10 }, (_, index) => token(`--series-${index + 1}`));
  const ramp = [token('--accent-wash'), token('--accent')];
  return {
    background: 'transparent',
    font,
    padding: 4,
    axis: {
      ...text,
      domainColor: token('--rule-strong'),
      tickColor: token('--rule-strong'),
      gridColor: token('--grid'),
      labelFontSize: 11,
      titleFontSize: 12,
      titleFontWeight: 500 as const,
      titlePadding: 8,
    },
    legend: { ...text, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500 as const, symbolStrokeWidth: 2 },
    header: { ...text, labelFontSize: 12, titleFontSize: 12 },
    title: {
      color: token('--ink-1'),
      subtitleColor: token('--ink-3'),
      font,
      subtitleFont: font,
      fontSize: 13,
      fontWeight: 600 as const,
      anchor: 'start' as const,
    },
    view: { stroke: 'transparent', continuousHeight: 220, discreteHeight: { step: 22 } },
    mark: { color: series[0] ?? 'steelblue' },
    rule: { color: token('--ink-2') },
    text: { color: token('--ink-1') },
    range: { category: series, ramp, heatmap: ramp, ordinal: ramp },
  };
}

/** The page's colours by name. A token says its light and its dark value at once; Vega has to be told which one holds. */
function colours(): (name: string) => string {
  const probe = document.createElement('i');
  probe.hidden = true;
  document.body.append(probe);
  const style = getComputedStyle(probe);
  queueMicrotask(() => probe.remove());
  return (name) => {
    probe.style.color = `var(${name})`;
    return style.color;
  };
}
