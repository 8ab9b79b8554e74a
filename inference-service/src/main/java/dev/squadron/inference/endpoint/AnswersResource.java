package dev.squadron.inference.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.inference.config.InferenceSettings;
import dev.squadron.inference.domain.Answer;
import dev.squadron.inference.domain.Answering;
import dev.squadron.inference.domain.Decodings;
import dev.squadron.inference.domain.Draining;
import dev.squadron.inference.domain.Overloaded;
import dev.squadron.inference.domain.Question;
import dev.squadron.inference.domain.UnusableQuestion;
import dev.squadron.kit.config.ModelSettings;
import dev.squadron.kit.http.Problem;
import dev.squadron.kit.http.Problem.FieldError;
import dev.squadron.kit.http.ProblemException;
import dev.squadron.text.hub.ModelDirectory;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Answers questions about passages. */
@Path("/v1/answers")
@Tag(name = "Answers")
public class AnswersResource {
    /** The response header that names the checkpoints that answered. */
    public static final String CHECKPOINT_HEADER = "Squadron-Checkpoint";

    /** What the header says for the model's own head. */
    public static final String OWN_HEAD = "pretrained";

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration RETRY_ELSEWHERE = Duration.ofSeconds(5);

    private final Answering answering;
    private final DecodingForm decodings;
    private final ModelSettings model;
    private final InferenceSettings settings;

    AnswersResource(Answering answering, Decodings decodings, ModelSettings model, InferenceSettings settings) {
        this.answering = answering;
        this.decodings = new DecodingForm(decodings);
        this.model = model;
        this.settings = settings;
    }

    /** A question, for the API's description. */
    @Schema(
            name = "Question",
            requiredProperties = {"question", "context"})
    record QuestionBody(
            @Schema(description = "The question", maxLength = 8192) String question,
            @Schema(description = "The passage that answers it", maxLength = 131072) String context,
            @Schema(
                            description =
                                    "How the answer is searched. free: any words; grounded: quotations of the"
                                            + " passage; best: the most probable of all quotations. The default is the service's",
                            enumeration = {"free", "grounded", "best"})
                    String mode,
            ParametersBody parameters) {}

    /** Parameters of the search, for the API's description; {@link DecodingForm} reads them. */
    @Schema(
            name = "Parameters",
            description = "Rules of the search, with the names and meaning of transformers' GenerationConfig")
    record ParametersBody(
            @Schema(description = "Most tokens of the answer", minimum = "1") Integer maxNewTokens,
            @Schema(description = "Fewest tokens of the answer; mode free", minimum = "0") Integer minNewTokens,
            @Schema(
                            description =
                                    "Answers wanted; without do_sample no more than num_beams, which grows with it in mode grounded",
                            minimum = "1")
                    Integer numReturnSequences,
            @Schema(
                            description =
                                    "Answers followed at a time; free: 1, greedy search; grounded: 4. Not in mode best",
                            minimum = "1")
                    Integer numBeams,
            @Schema(
                            description =
                                    "Exponent of the length by which beam search divides; modes free and grounded",
                            minimum = "-10",
                            maximum = "10")
                    Float lengthPenalty,
            @Schema(description = "true, false or \"never\": when beam search is content; mode free")
                    Object earlyStopping,
            @Schema(description = "Whether tokens are drawn; mode free") Boolean doSample,
            @Schema(description = "Divides logits before drawing", minimum = "0.01", maximum = "100") Float temperature,
            @Schema(description = "Draws one of so many most likely tokens; 0: of all", minimum = "0") Integer topK,
            @Schema(
                            description = "Draws one of the most likely tokens that together have this probability",
                            minimum = "0",
                            maximum = "1")
                    Float topP,
            @Schema(description = "The same seed draws the same answer") Long seed,
            @Schema(
                            description = "Above 1: against tokens that the answer has already; mode free",
                            minimum = "0.01",
                            maximum = "100")
                    Float repetitionPenalty,
            @Schema(description = "No run of so many tokens comes twice; 0: any may; mode free", minimum = "0")
                    Integer noRepeatNgramSize,
            @Schema(
                            description =
                                    "Tokens that greedy search guesses ahead; the answer stays the same; mode free",
                            minimum = "0")
                    Integer promptLookupNumTokens) {}

    /** Several answers, for a request with {@code items}. */
    record ItemsReply(List<AnswerReply> items) {}

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Answers questions about passages",
            description =
                    "Takes one question, an array of them, or an object with the array items; the reply has the same"
                            + " form. The header Squadron-Checkpoint names the checkpoints that answered."
                            + " mode and parameters say how answers are searched; beside items, for all of them.")
    @APIResponse(
            responseCode = "200",
            description = "The answers",
            content = @Content(schema = @Schema(implementation = AnswerReply.class)))
    @APIResponse(responseCode = "413", description = "The body is too large")
    @APIResponse(responseCode = "415", description = "The body is not JSON")
    @APIResponse(responseCode = "422", description = "A field cannot be used")
    @APIResponse(responseCode = "429", description = "Too many questions wait; see Retry-After")
    @APIResponse(responseCode = "503", description = "No answer in time, or the service stops; see Retry-After")
    public CompletionStage<Response> answer(
            @RequestBody(
                            content =
                                    @Content(
                                            schema = @Schema(implementation = QuestionBody.class),
                                            examples =
                                                    @ExampleObject(
                                                            value =
                                                                    "{\"question\": \"Who painted the motto?\", \"context\": \"Lucien painted the motto in 1879.\"}")))
                    JsonNode body) {
        long begun = System.nanoTime();
        QuestionsForm form = QuestionsForm.read(body, settings.requestQuestions(), decodings);
        List<CompletableFuture<Answer>> answers = ask(form);
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .handle((nothing, failure) -> failure == null ? reply(form, answers, begun) : failed(failure));
    }

    private List<CompletableFuture<Answer>> ask(QuestionsForm form) {
        List<Question> questions = form.questions();
        try {
            return answering.ask(questions);
        } catch (UnusableQuestion e) {
            String field = form.path(e.index());
            throw QuestionsForm.refused(new FieldError(field, field + ": " + e.getMessage()));
        } catch (Overloaded e) {
            throw new ProblemException(Problem.of(429, "overloaded", "Too many questions wait", e.getMessage()), RETRY);
        } catch (Draining e) {
            throw new ProblemException(
                    Problem.of(503, "draining", "The service stops", e.getMessage()), RETRY_ELSEWHERE);
        }
    }

    private Response reply(QuestionsForm form, List<CompletableFuture<Answer>> answers, long begun) {
        Duration total = Duration.ofNanos(System.nanoTime() - begun);
        List<Answer> done = answers.stream().map(CompletableFuture::join).toList();
        List<AnswerReply> replies = done.stream()
                .map(answer -> AnswerReply.of(answer, ModelDirectory.nameOf(model.name()), total))
                .toList();
        Object entity =
                switch (form.shape()) {
                    case ONE -> replies.get(0);
                    case ARRAY -> replies;
                    case ITEMS -> new ItemsReply(replies);
                };
        return Response.ok(entity)
                .header(
                        CHECKPOINT_HEADER,
                        done.stream()
                                .map(answer -> Objects.requireNonNullElse(answer.checkpoint(), OWN_HEAD))
                                .distinct()
                                .collect(Collectors.joining(", ")))
                .build();
    }

    private Response failed(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof TimeoutException) {
            throw new ProblemException(
                    Problem.of(
                            503,
                            "deadline",
                            "No answer in time",
                            "There was no answer within " + settings.deadline().toSeconds()
                                    + " s; ask again later, or fewer questions at once."),
                    RETRY_ELSEWHERE);
        }
        throw new CompletionException(cause);
    }
}
