package dev.squadron.trainer.domain;

import dev.squadron.seq2seq.Devices;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Numbers of the trainer that change its speed and never its results.
 *
 * @param shardExamples examples of a feature shard
 * @param validationBatchSize questions of a batch when answers are generated
 * @param stateInterval how long training goes on before its state is saved
 * @param datasetTimeout how long the log may be silent before a data set counts as incomplete
 * @param replicaPatience how long features that other replicas compute are waited for while none come; zero: not at all
 * @param devices what more than the head is trained on
 * @param scratch folder for files on their way
 */
public record Limits(
        int shardExamples,
        int validationBatchSize,
        Duration stateInterval,
        Duration datasetTimeout,
        Duration replicaPatience,
        Devices devices,
        Path scratch) {}
