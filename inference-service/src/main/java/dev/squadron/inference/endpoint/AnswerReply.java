package dev.squadron.inference.endpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squadron.inference.domain.Answer;
import dev.squadron.inference.domain.Span;
import java.time.Duration;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An answer. */
@JsonInclude(JsonInclude.Include.ALWAYS)
@Schema(name = "Answer")
public record AnswerReply(
        @Schema(description = "What the model says; in the passage's own spelling where it stands there") String answer,
        @Schema(description = "Probability of the generated sequence, 0 to 1") double score,
        @Schema(
                        description = "First code point in the context; null where the answer does not stand there",
                        nullable = true)
                Integer start,
        @Schema(description = "Code point behind the last one in the context", nullable = true) Integer end,
        @Schema(description = "The model") String model,
        @Schema(description = "Checkpoint that answered; null: the model's own head", nullable = true)
                String checkpoint,
        @Schema(description = "stop: the model ended the answer; length: the limit of tokens did") String finishReason,
        @Schema(description = "Whether the context was longer than the model reads, and only its beginning counted")
                boolean truncated,
        Timings timings) {

    /** Where the time went, in milliseconds. */
    @Schema(description = "Where the time went, in milliseconds")
    public record Timings(double queueMs, double generateMs, double totalMs) {}

    static AnswerReply of(Answer answer, String model, Duration total) {
        return new AnswerReply(
                answer.text(),
                answer.score(),
                answer.span().map(Span::start).orElse(null),
                answer.span().map(Span::end).orElse(null),
                model,
                answer.checkpoint(),
                answer.finish().name().toLowerCase(Locale.ROOT),
                answer.truncated(),
                new Timings(millis(answer.queued()), millis(answer.generated()), millis(total)));
    }

    private static double millis(Duration duration) {
        return Math.rint(duration.toNanos() / 10_000.0) / 100;
    }
}
