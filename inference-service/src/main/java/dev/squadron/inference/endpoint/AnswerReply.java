package dev.squadron.inference.endpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squadron.inference.domain.Answer;
import dev.squadron.text.prompt.ContextSpan;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An answer. */
@JsonInclude(JsonInclude.Include.ALWAYS)
@Schema(name = "Answer")
public record AnswerReply(
        @Schema(description = "What the model says; in the passage's own spelling where it stands there") String answer,
        @Schema(
                        description =
                                "Probability of the generated sequence, 0 to 1: among all tokens; with mode grounded among those of the passage")
                double score,
        @Schema(
                        description = "First code point in the context; null where the answer does not stand there",
                        nullable = true)
                Integer start,
        @Schema(description = "Code point behind the last one in the context", nullable = true) Integer end,
        @Schema(description = "The next answers, where num_return_sequences asks for several")
                List<Alternative> alternatives,
        @Schema(description = "How it was searched: free, grounded or best") String mode,
        @Schema(description = "The model") String model,
        @Schema(description = "Checkpoint that answered; null: the model's own head", nullable = true)
                String checkpoint,
        @Schema(description = "stop: the model ended the answer; length: the limit of tokens did") String finishReason,
        @Schema(description = "Decoding steps that the search took") int decodingSteps,
        @Schema(description = "Whether the context was longer than the model reads, and only its beginning counted")
                boolean truncated,
        Timings timings) {

    /** One of the next answers. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @Schema(description = "One of the next answers; fields as in the answer")
    public record Alternative(
            String answer,
            double score,
            @Schema(nullable = true) Integer start,
            @Schema(nullable = true) Integer end,
            String finishReason) {}

    /** Where the time went, in milliseconds. */
    @Schema(description = "Where the time went, in milliseconds")
    public record Timings(double queueMs, double generateMs, double totalMs) {}

    static AnswerReply of(Answer answer, String model, Duration total) {
        Answer.Choice best = answer.best();
        return new AnswerReply(
                best.text(),
                best.score(),
                best.span().map(ContextSpan::start).orElse(null),
                best.span().map(ContextSpan::end).orElse(null),
                answer.choices().stream().skip(1).map(AnswerReply::alternative).toList(),
                lower(answer.mode()),
                model,
                answer.checkpoint(),
                lower(best.finish()),
                best.steps(),
                answer.truncated(),
                new Timings(millis(answer.queued()), millis(answer.generated()), millis(total)));
    }

    private static Alternative alternative(Answer.Choice choice) {
        return new Alternative(
                choice.text(),
                choice.score(),
                choice.span().map(ContextSpan::start).orElse(null),
                choice.span().map(ContextSpan::end).orElse(null),
                lower(choice.finish()));
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static double millis(Duration duration) {
        return Math.rint(duration.toNanos() / 10_000.0) / 100;
    }
}
