import { Answers } from './answers.js';
import { Checkpoints } from './checkpoints.js';
import { Datasets } from './datasets.js';
import { byId } from './dom.js';
import { follow } from './events.js';
import { Runs } from './runs.js';

const runs = new Runs();
const datasets = new Datasets();
const checkpoints = new Checkpoints();

follow(
  {
    progress: (event) => runs.take(event),
    dataset: (event) => datasets.take(event),
    checkpoint: (event) => checkpoints.take(event),
    model: (state) => checkpoints.takeState(state),
  },
  (connected) => {
    if (connected) {
      checkpoints.reset();
    }
    byId('connection').textContent = connected ? '' : 'Connection lost; trying again…';
  });

new Answers().start();
