package dev.squadron.trainer.config;

import dev.squadron.contracts.run.Metric;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings of trainer-service. */
@ConfigMapping(prefix = "squadron.trainer")
public interface TrainerSettings {

    /** Folder for features and heads on this machine's disk; may be lost at any time. */
    @WithDefault("${java.io.tmpdir}/squadron-trainer")
    Path cacheDirectory();

    /** Forward passes, or heads of a sweep, at a time; each keeps one core busy. */
    @WithDefault("2")
    @Min(1) @Max(256) int lanes();

    /** Examples of a feature shard. */
    @WithDefault("512")
    @Min(1) @Max(100_000) int shardExamples();

    /** Questions of a batch when answers are generated for validation. */
    @WithDefault("16")
    @Min(1) @Max(1024) int validationBatchSize();

    /** How long head training goes on before its state is saved, besides the end of each epoch. */
    @WithDefault("60s")
    Duration stateInterval();

    /** How long a run waits for its data set to be sealed before it fails. */
    @WithDefault("10m")
    Duration datasetTimeout();

    /** How long a run waits for features that other replicas compute while none come, before it computes them itself. */
    @WithDefault("60s")
    Duration replicaPatience();

    /** What the model runs on: {@code cpu}, {@code gpu:0}, or {@code gpu:0-3} side by side. */
    @WithDefault("cpu")
    String devices();

    /** Readers that may follow runs over REST at a time; more are answered 503. */
    @WithDefault("64")
    @Min(1) @Max(10_000) int eventStreams();

    /** How much room features may take. */
    Features features();

    /** Limits of what is computed once and kept. */
    interface Features {
        /** Most bytes of features on this machine's disk; a run that uses more keeps what it uses. */
        @WithDefault("64000000000")
        @Min(1) long diskBytes();

        /** Most bytes of features in the bucket for each model, precision and tokenizer; likewise. */
        @WithDefault("1000000000000")
        @Min(1) long bucketBytes();

        /** How long features that must go stay in the bucket, for runs that have looked them up before. */
        @WithDefault("1h")
        Duration grace();
    }

    /** Where runs are tracked. */
    Mlflow mlflow();

    /** An MLflow server, besides Squadron's own topics and reports. */
    interface Mlflow {
        /** Its address, for instance {@code http://mlflow:5000}; left out: runs are not tracked there. */
        Optional<URI> trackingUri();

        /** The experiment that runs belong to; made where there is none. */
        @WithDefault("squadron")
        String experiment();

        /** A bearer token, where the server asks for one. */
        Optional<String> token();
    }

    /** Continuous mode. */
    Continuous continuous();

    /** When and how new records are folded into the live head. */
    interface Continuous {

        /** Whether new records are folded into the live head; without any, nothing is done. */
        @WithDefault("true")
        boolean enabled();

        /** Data sets whose new records are folded in; they need no end. */
        @WithDefault("feedback")
        @Size(min = 1, message = "must name a data set") List<
                        @Pattern(
                                regexp = "[a-z0-9][a-z0-9._-]{0,127}",
                                message = "must name data sets, [a-z0-9][a-z0-9._-]{0,127}")
                        String>
                datasets();

        /** New records that are enough for a fold. */
        @WithDefault("32")
        @Min(1) @Max(10_000) int records();

        /** How long the first new record waits for others. */
        @WithDefault("5s")
        Duration after();

        /** How a fold learns, in YAML or JSON; it must train the head, and name its steps. */
        @WithDefault("preset: continuous")
        String recipe();

        /** Least share of what a fold learns from that is old. */
        @WithDefault("0.75")
        @DecimalMin("0") @DecimalMax(value = "1", inclusive = false) double replay();

        /** What the gate measures heads by on the validation split: {@code f1}, {@code exact} or {@code validation_loss}. */
        @WithDefault("f1")
        Metric gateMetric();

        /** How much worse than the head before it a new one may be, in the metric's unit. */
        @WithDefault("2")
        @DecimalMin("0") @DecimalMax("100") double gateMaxDrop();
    }
}
