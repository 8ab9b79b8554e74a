package dev.squadron.trainer.domain.mlflow;

import dev.squadron.trainer.domain.mlflow.MlflowClient.Metric;
import java.util.List;

/**
 * Something that is to be logged.
 *
 * @param run of which; begun at the server if it is not there
 * @param metrics may be none
 * @param end null while it goes on
 */
record MlflowTold(MlflowRun run, List<Metric> metrics, MlflowEnd end) {}
