import { lossChart } from './chart.js';
import { byId, element, facts } from './dom.js';
import { count, duration } from './format.js';

const STAGES = {
  waiting: 'Waiting for the data set',
  extracting: 'Extracting features',
  baseline: 'Measuring the head as it is',
  training: 'Training the head',
  validating: 'Validating',
  saving: 'Saving the checkpoint',
  done: 'Done',
};

/** Shows the run that was heard of last: its stage, its losses, its measures. */
export class Runs {
  #place = byId('run');
  #run = null;
  #stale = false;

  /** Takes an event of the topic of progress; those of a sweep's trials, SWEEP/NUMBER, together are one run. */
  take(progress) {
    const [name, trial] = progress.run.split('/');
    if (this.#run?.name !== name) {
      this.#run = { name, trials: new Map(), losses: new Map(), validations: new Map(), steps: 0, metrics: {} };
    }
    const run = this.#run;
    if (trial !== undefined && progress.stage === 'training') {
      run.trials.set(trial, progress.fraction);
      const fractions = [...run.trials.values()];
      run.last = { stage: 'training', fraction: fractions.reduce((sum, each) => sum + each, 0) / fractions.length };
      this.#drawSoon();
      return;
    }
    run.last = progress;
    run.steps = Math.max(run.steps, progress.steps ?? 0, progress.step ?? 0);
    if (progress.loss != null && progress.step != null) {
      run.losses.set(progress.step, progress.loss);
    }
    Object.assign(run.metrics, progress.metrics);
    if (['baseline', 'training'].includes(progress.stage) && progress.metrics?.validation_loss != null) {
      run.validations.set(progress.step ?? 0, progress.metrics.validation_loss);
    }
    this.#drawSoon();
  }

  /** Many events come at once to a newcomer: one drawing a frame is enough. */
  #drawSoon() {
    if (!this.#stale) {
      this.#stale = true;
      requestAnimationFrame(() => {
        this.#stale = false;
        this.#draw();
      });
    }
  }

  #draw() {
    const run = this.#run;
    const { stage, fraction, epoch, seconds_left: left } = run.last;
    const running = stage !== 'done';
    const line = points(run.losses);
    const dots = points(run.validations);
    this.#place.replaceChildren(...[
      element('p', { class: 'quiet' }, element('code', {}, run.name)),
      element('p', { class: 'stage' }, STAGES[stage] ?? stage, epoch && running ? `, epoch ${epoch}` : ''),
      running ? element('progress', { max: '1', value: String(fraction), 'aria-label': 'Share of the stage that is done' }) : null,
      line.length + dots.length > 1 ? lossChart(line, dots, run.steps) : null,
      line.length + dots.length > 1 ? element('p', { class: 'note' }, 'Line: training loss. Points: validation loss.') : null,
      facts([
        ['Trials', run.trials.size ? count(run.trials.size) : null],
        ['Step', run.last.step == null ? null : `${count(run.last.step)} of ${count(run.steps)}`],
        ['Loss', line.length ? line.at(-1).y.toFixed(4) : null],
        ['Exact', run.metrics.exact == null ? null : run.metrics.exact.toFixed(1)],
        ['F1', run.metrics.f1 == null ? null : run.metrics.f1.toFixed(1)],
        ['Learning rate', run.last.learning_rate?.toExponential(1)],
        ['Gradient norm', run.last.gradient_norm?.toFixed(3)],
        ['Speed', speeds(run.last)],
        ['Left', left == null || !running ? null : duration(left)],
      ]),
      running ? null : element('p', { class: 'note' }, element('a', { href: `v1/runs/${encodeURIComponent(run.name)}/report` }, 'Report')),
    ].filter((child) => child != null));
  }
}

function speeds({ examples_per_second: examples, tokens_per_second: tokens }) {
  return [[examples, 'examples/s'], [tokens, 'tokens/s']]
    .filter(([speed]) => speed != null)
    .map(([speed, unit]) => `${count(Math.round(speed))} ${unit}`)
    .join(', ') || null;
}

function points(values) {
  return [...values].map(([x, y]) => ({ x, y })).sort((a, b) => a.x - b.x);
}
