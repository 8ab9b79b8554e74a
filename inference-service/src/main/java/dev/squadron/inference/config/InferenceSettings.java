package dev.squadron.inference.config;

import dev.squadron.seq2seq.Decoding;
import dev.squadron.seq2seq.Precision;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of inference-service. */
@ConfigMapping(prefix = "squadron.inference")
public interface InferenceSettings {

    /** Folder for heads on this machine's disk; may be lost at any time. */
    @WithDefault("${java.io.tmpdir}/squadron-inference")
    Path cacheDirectory();

    /** Batches at a time; each keeps one core busy. */
    @WithDefault("2")
    @Min(1) @Max(256) int lanes();

    /** Most questions of a batch. */
    @WithDefault("16")
    @Min(1) @Max(1024) int batchQuestions();

    /** Most tokens of a batch, padding included. */
    @WithDefault("4096")
    @Min(512) @Max(1_000_000) int batchTokens();

    /** Most answers that a batch follows at a time: its questions times the beams of each. */
    @WithDefault("64")
    @Min(1) @Max(10_000) int batchSequences();

    /** Questions that may wait; more are answered 429. */
    @WithDefault("256")
    @Min(1) @Max(100_000) int queueCapacity();

    /** Time that an admitted question has until its answer; then it is answered 503. */
    @WithDefault("30s")
    Duration deadline();

    /** Most questions of one request. */
    @WithDefault("64")
    @Min(1) @Max(10_000) int requestQuestions();

    /** Most bytes of a request's body. */
    @WithDefault("4194304")
    @Min(1024) @Max(64_000_000) long requestBytes();

    /** Most tokens of an answer. */
    @WithDefault("64")
    @Min(1) @Max(512) int answerTokens();

    /** How answers are searched where a request does not say: free, grounded or best. */
    @WithDefault("free")
    Decoding.Mode mode();

    /** Most beams of a question, and most answers to it. */
    @WithDefault("16")
    @Min(1) @Max(256) int beams();

    /** Whether requests may look into the model: hidden states and attention. */
    @WithDefault("false")
    boolean taps();

    /** Pages that may follow the events at a time; more are answered 503. */
    @WithDefault("64")
    @Min(1) @Max(10_000) int eventStreams();

    /** In what answers are computed: {@code fp32}, the reference, {@code bf16} or {@code int8}. */
    @WithDefault("fp32")
    Precision precision();

    /** What the model runs on: {@code cpu}, {@code gpu:0}, or {@code gpu:0-3} side by side. */
    @WithDefault("cpu")
    String devices();
}
